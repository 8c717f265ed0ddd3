/**
 * What was wrong on the wire, as a log names it: the upstream closed or reset the connection before the end of its
 * answer, or did not speak HTTP; we destroyed it; or the request was not fit to be sent, or its body not of its length.
 */
export type WireFault =
  | 'UPSTREAM_CLOSED'
  | 'UPSTREAM_RESET'
  | 'UPSTREAM_MALFORMED'
  | 'UPSTREAM_DESTROYED'
  | 'REQUEST_INVALID'
  | 'REQUEST_LENGTH'

/** An error with the code of a fault; the message says what was expected. */
export function wireError(code: WireFault, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** An answer that is not HTTP/1.1 (RFC 9112). */
export function malformed(expected: string): Error {
  return wireError('UPSTREAM_MALFORMED', `expected ${expected}`)
}
