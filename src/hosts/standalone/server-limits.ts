import type { Server } from 'node:http'
import type { Compiled } from '../../compiled.ts'

/**
 * Sets on a server what the files say of clients. What a connection began with stays until its next request.
 * `most` is how many connections there may be at all.
 */
export function setServerLimits(
  server: Server,
  { limits, timeouts }: Pick<Compiled, 'limits' | 'timeouts'>,
  most: number,
): void {
  Object.assign(server, {
    // node would take the longer of the two for the request
    headersTimeout: Math.min(timeouts.headers, timeouts.request),
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.idle,
    maxConnections: Math.min(limits.connections, most),
    // node reads it at each connection; the target and the fields are counted each for themselves later
    maxHeaderSize: limits.targetSize + limits.headSize,
  })
}
