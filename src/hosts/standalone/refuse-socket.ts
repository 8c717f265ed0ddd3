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
export function connectionError({ code = '', rawPacket }: ConnectionFault): CountersignError {
  const found = CODES[code] ?? 'request/malformed'
  const isTarget = found === 'request/head-too-large' && isCutInTarget(rawPacket)
  const message = 'expected a message of HTTP/1.1'
  return new CountersignError(isTarget ? 'request/uri-too-long' : found, message)
}

/** An error of a `clientError` event. */
export interface ConnectionFault {
  readonly code?: string
  /** What was being parsed, as far as it came in one piece. */
  readonly rawPacket?: Buffer
}

/** True when a message begins with these bytes, and its first line does not end in them. */
function isCutInTarget(bytes: Buffer = Buffer.alloc(0)): boolean {
  return !bytes.includes('\n') && /^[A-Z]{1,20} \//.test(bytes.toString('latin1', 0, 24))
}
