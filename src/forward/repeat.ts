/** What of a request decides whether it may be sent once more. */
export interface Repeatable {
  readonly method: string
  readonly body: unknown
  /** True when a credential of it is to arrive once at most. Default: false. */
  readonly isSingleUse?: boolean
}

/** Methods that may be sent twice (RFC 9110 section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
])

/** What a connection fails with that the other side has closed. */
const CLOSED: ReadonlySet<unknown> = new Set([
  'UND_ERR_SOCKET',
  'UPSTREAM_CLOSED',
  'UPSTREAM_RESET',
  'ECONNRESET',
  'EPIPE',
])

/**
 * True when a request that failed with `error` before any answer may be sent once more: it does the same when it
 * arrives twice and none of its credentials is for a single use, none of a body was sent, and the connection was closed under it (RFC 9112 section 9.3.1).
 */
export function mayRepeat(
  { method, body, isSingleUse = false }: Repeatable,
  error: Error,
): boolean {
  if (isSingleUse || body !== null || !IDEMPOTENT.has(method)) return false
  return 'code' in error && CLOSED.has(error.code)
}
