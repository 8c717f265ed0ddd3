import { CountersignError, type ErrorCode, STATUS } from '../errors.ts'

/** An answer of our own. */
export interface ProblemResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const TITLES: Readonly<Record<ErrorCode, string>> = {
  'request/malformed': 'The request is malformed',
  'request/ambiguous-path': 'The path can be read in more than one way',
  'request/bad-target': 'The request target is not in origin form',
  'request/bad-host': 'The Host field is missing or not valid',
  'request/connection-nominates': 'The Connection field names a field that must be forwarded',
  'request/method': 'The method is not allowed',
  'request/timeout': 'The request took too long to arrive',
  'request/aborted': 'The client went away',
  'request/uri-too-long': 'The request target is too long',
  'request/expectation': 'The expectation is not supported',
  'request/upgrade': 'Upgrades are not allowed',
  'request/head-too-large': 'The header fields are too large',
  'auth/invalid': 'The caller is not recognised',
  'auth/forbidden': 'The caller may not do this',
  'route/none': 'Nothing is configured for this request',
  'body/malformed': 'The body is malformed',
  'body/too-large': 'The body is too large',
  'body/media-type': 'The media type of the body is not supported',
  'body/encoding': 'The content coding of the body is not supported',
  'body/shape': 'The body has no place for the token',
  'body/signed': 'The body is signed and may not be changed',
  'inject/occupied': 'The request already carries a value where the token goes',
  'claim/missing': 'A claim cannot be made from this request',
  'claim/type': 'A claim has another type than declared',
  'claim/duplicate': 'A claim is set twice',
  'claim/not-header-safe': 'A value cannot be sent in a header field',
  'token/too-large': 'The token is too large',
  'token/expired': 'The token has already expired',
  'expr/failed': 'An expression failed',
  'expr/limit': 'An expression ran into a limit',
  internal: 'Internal error',
  'upstream/unreachable': 'The upstream cannot be reached',
  'upstream/protocol': 'The upstream broke the protocol',
  'key/unavailable': 'A key is not available',
  'config/unavailable': 'The policies could not be loaded',
  overload: 'Too much is being done at once',
  'stream/expired': 'The stream is as old as it may become',
  'upstream/open-circuit': 'The upstream has failed too often',
  'upstream/timeout': 'The upstream took too long',
}

/** What a connection can speak all the same (RFC 9110 section 15.5.22), and of WebSocket (RFC 6455 section 4.4). */
const SERVED = {
  connection: 'upgrade, close',
  upgrade: 'HTTP/1.1',
  'sec-websocket-version': '13',
}

/**
 * What the caller gets for an error: problem details (RFC 9457) made of fixed texts and the request id,
 * never of the error's message. Anything but a `CountersignError` is `internal`.
 */
export function problem(error: unknown, requestId: string): ProblemResponse {
  const code = error instanceof CountersignError ? error.code : 'internal'
  const { challenges = [], retryAfter = 1 } = error instanceof CountersignError ? error : {}
  const status = STATUS[code]
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 426 && SERVED),
      ...(status === 503 && { 'retry-after': String(retryAfter) }),
      ...(challenges.length > 0 && { 'www-authenticate': challenges.join(', ') }),
    },
    body: JSON.stringify({
      type: `urn:countersign:error:${code}`,
      title: TITLES[code],
      status,
      code,
      request_id: requestId,
    }),
  }
}
