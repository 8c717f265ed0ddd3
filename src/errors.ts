/** HTTP status of every error code that a request can end with. The one table. */
export const STATUS = {
  'request/malformed': 400,
  'request/ambiguous-path': 400,
  'request/bad-target': 400,
  'request/bad-host': 400,
  'request/connection-nominates': 400,
  'request/method': 405,
  'request/timeout': 408,
  'request/aborted': 499,
  'request/uri-too-long': 414,
  'request/expectation': 417,
  'request/upgrade': 426,
  'request/head-too-large': 431,
  'auth/invalid': 401,
  'auth/forbidden': 403,
  'route/none': 404,
  'body/malformed': 400,
  'body/too-large': 413,
  'body/media-type': 415,
  'body/encoding': 415,
  'body/shape': 422,
  'body/signed': 422,
  'inject/occupied': 400,
  'claim/missing': 422,
  'claim/type': 422,
  'claim/duplicate': 422,
  'claim/not-header-safe': 422,
  'token/too-large': 422,
  'token/expired': 422,
  'expr/failed': 500,
  'expr/limit': 500,
  internal: 500,
  'upstream/unreachable': 502,
  'upstream/protocol': 502,
  'key/unavailable': 503,
  'config/unavailable': 503,
  overload: 503,
  'stream/expired': 408,
  'upstream/open-circuit': 503,
  'upstream/timeout': 504,
} as const satisfies Record<string, number>

/** Stable name of what went wrong with a request; part of the public API. */
export type ErrorCode = keyof typeof STATUS

/** What a log line may say about an error: names and places, never a value. */
export interface ErrorPlace {
  readonly policy?: string
  /** The claim, JOSE header parameter or other key of the policy file. */
  readonly claim?: string
  /** `file:line:col` of the text that decided it. */
  readonly at?: string
  /** Offset in the expression, from 0. */
  readonly position?: number
  /** The authenticator that refused the caller. */
  readonly authenticator?: string
  /** Why it did, as one of a fixed list. */
  readonly reason?: string
  /** The mapped field that the credential does not have. */
  readonly field?: string
}

/** What an error carries besides. */
export interface ErrorExtras extends ErrorOptions {
  /** Challenges for the caller (RFC 9110 section 11.6.1), one per scheme. */
  readonly challenges?: readonly string[]
  /** Seconds after which the caller may try again (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number | undefined
}

/**
 * The one error that a request ends with. `message` is lower-case, says what was expected and holds no
 * value of the request; it goes to the log, never to the caller.
 */
export class CountersignError extends Error {
  readonly code: ErrorCode
  readonly place: ErrorPlace
  readonly challenges: readonly string[]
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, extras: ErrorExtras = {}) {
    super(message, extras)
    this.name = 'CountersignError'
    this.code = code
    this.place = place
    this.challenges = extras.challenges ?? []
    this.retryAfter = extras.retryAfter
  }

  get status(): number {
    return STATUS[this.code]
  }
}

/** The error that a request ends with; what no layer expected is `internal`. */
export function asCountersignError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error
  return new CountersignError('internal', 'expected no fault without a code', {}, { cause: error })
}

/** The same error with what an outer layer knows about the place; inner knowledge wins. */
export function withPlace(error: unknown, place: ErrorPlace): CountersignError {
  const known = asCountersignError(error)
  const isNew = Object.keys(place).some((name) => !(name in known.place))
  if (!isNew) return known
  const { code, message, cause, challenges, retryAfter } = known
  const extras = { cause, challenges, retryAfter }
  return new CountersignError(code, message, { ...place, ...known.place }, extras)
}
