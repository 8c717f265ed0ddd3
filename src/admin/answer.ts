import type { ServerResponse } from 'node:http'

/** What a route answers; the rest of the head is the same for all. */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  /** `Content-Type`. Default: plain text. */
  readonly type?: string
  /** Beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default: none. */
  readonly body?: string
}

/**
 * For browsers, which have no business here: nothing of an answer may be run, framed, guessed at or read by another
 * origin (OWASP HTTP Headers Cheat Sheet).
 */
const SECURITY_HEADERS = Object.entries({
  'Content-Security-Policy': [
    ...["default-src 'self'", "base-uri 'self'", "font-src 'self' https: data:"],
    ...[
      "form-action 'self'",
      "frame-ancestors 'self'",
      "img-src 'self' data:",
      "object-src 'none'",
    ],
    ...["script-src 'self'", "script-src-attr 'none'", "style-src 'self' https: 'unsafe-inline'"],
    'upgrade-insecure-requests',
  ].join(';'),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
  'X-Download-Options': 'noopen',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
})

/** Sends an answer; to HEAD its head alone, and none of its content with 204 and 304 (RFC 9110 sections 9.3.2, 15). */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const { status = 200, type = 'text/plain; charset=utf-8', headers = {}, body } = answer
  response.statusCode = status
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  // what an application that this is mounted in may have said
  response.removeHeader('X-Powered-By')
  if (body === undefined) {
    response.end()
    return
  }
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.end(body)
}
