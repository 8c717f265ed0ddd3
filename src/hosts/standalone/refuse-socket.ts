import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { CountersignError, type ErrorCode } from '../../errors.ts'
import { problem } from '../../http/index.ts'
import { LINGER } from '../answer-problem.ts'

/**
 * Answers with a problem document on a connection whose request never became a message, and closes it. `now`
 * is in milliseconds since the epoch.
 */
export function refuseSocket(
  error: CountersignError,
  socket: Duplex,
  { requestId, now }: { readonly requestId: string; readonly now: number },
): void {
  const { status, headers, body } = problem(error, requestId)
  const fields = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    date: new Date(now).toUTCString(),
    connection: 'close',
  })
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(timer))
}

/** What the parser of node:http reports by name. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'request/head-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body/too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request/timeout',
}

/** What `node:http` found wrong with a connection: not HTTP, or too much or too slow of it. */
export function connectionError({ code = '' }: { readonly code?: string }): CountersignError {
  return new CountersignError(CODES[code] ?? 'request/malformed', 'expected a message of HTTP/1.1')
}
