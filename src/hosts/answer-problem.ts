import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { CountersignError } from '../errors.ts'
import { problem } from '../http/index.ts'
import { endConnection } from './line.ts'

/** Milliseconds in which a client may read our answer, or go on sending what nobody reads, before its connection ends. */
export const LINGER = 2000

/**
 * Answers a request with the problem document of `error`. The connection ends with it when the client's
 * message was malformed or has not arrived in full. When an answer has begun, the connection is reset.
 */
export function answerProblem(
  message: IncomingMessage,
  response: ServerResponse,
  error: CountersignError,
  requestId: string,
): void {
  if (response.destroyed) return
  if (response.headersSent) {
    reset(message)
    return
  }
  const { status, headers, body } = problem(error, requestId)
  if (!message.complete || error.code.startsWith('request/')) {
    endConnection(message, response)
  }
  // Express names itself on every response
  response.removeHeader('x-powered-by')
  const length = { 'content-length': Buffer.byteLength(body) }
  // without a reason of its own, the response would keep one that was refused
  response.writeHead(status, STATUS_CODES[status], { ...headers, ...length })
  if (message.complete) {
    response.end(body)
    return
  }
  // a connection that closes with bytes unread is reset, and the client might never see the answer
  response.write(body)
  const timer = setTimeout(end, LINGER)
  message.once('end', end).once('close', end).resume()
  function end(): void {
    clearTimeout(timer)
    response.end()
  }
}

// A connection that merely ends is how an answer without a length ends well.
function reset({ socket }: IncomingMessage): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket?.resetAndDestroy()
}
