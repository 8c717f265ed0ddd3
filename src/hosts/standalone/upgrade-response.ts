import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The answer to a request that node has taken for an upgrade, so that it is served as any other: node lets go of its
 * connection, and makes no answer for it. `behind` is what has arrived behind the request. Unless the connection
 * changes its protocol, it ends with the answer: what stands behind the request was meant for that protocol.
 */
export function upgradeResponse(
  message: IncomingMessage,
  socket: Socket,
  behind: Buffer,
): ServerResponse {
  const response = new ServerResponse(message)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  if (behind.length > 0) socket.unshift(behind)
  // the end of the connection, which the answer is told of, follows
  socket.on('error', () => {})
  socket.on('drain', () => {
    if (response.headersSent) response.emit('drain')
  })
  response.once('finish', () => {
    // a connection that closes with bytes unread is reset, and the answer might be lost
    socket.resume()
    socket.destroySoon()
  })
  return response
}
