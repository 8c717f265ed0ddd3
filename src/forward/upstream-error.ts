import { CountersignError, type ErrorCode } from '../errors.ts'

/** Error code of what is reported by name; everything else broke the connection or the protocol. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'upstream/timeout',
  ETIMEDOUT: 'upstream/timeout',
  UPSTREAM_DESTROYED: 'upstream/unreachable',
  UND_ERR_CLOSED: 'upstream/unreachable',
  UND_ERR_DESTROYED: 'upstream/unreachable',
  ECONNREFUSED: 'upstream/unreachable',
  EHOSTUNREACH: 'upstream/unreachable',
  ENETUNREACH: 'upstream/unreachable',
  ENOTFOUND: 'upstream/unreachable',
  EAI_AGAIN: 'upstream/unreachable',
  EADDRNOTALLOWED: 'upstream/unreachable',
  // we have no descriptor for one more connection, which says nothing about the upstream
  EMFILE: 'overload',
  ENFILE: 'overload',
  REQUEST_LENGTH: 'request/malformed',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'request/malformed',
  // fault was found with what was to be sent
  REQUEST_INVALID: 'internal',
  UND_ERR_INVALID_ARG: 'internal',
  UND_ERR_NOT_SUPPORTED: 'internal',
}

/** What a failed exchange with an upstream means to the caller; keeps the name of the cause, never its text. */
export function upstreamError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error
  const name = nameOf(error)
  const code = CODES[name] ?? 'upstream/protocol'
  return new CountersignError(code, `expected an answer from the upstream, met ${name}`)
}

/** Refuses a request whose credential was good no more when it was to be sent. */
export function expiredCredential(): CountersignError {
  return new CountersignError('overload', 'expected a connection before the credential expired')
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  // connecting to a name with several addresses fails with one error for all of them
  const [first] = error instanceof AggregateError ? error.errors : []
  const { code } = (first ?? error) as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}
