import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { formatAddress } from '../address.ts'
import { createHead } from '../http/index.ts'
import type { RequestHead } from '../types.ts'

/**
 * The head of a message that `node:http` parsed. `url` is the target as the client sent it, of at most `targetSize`
 * bytes, by default 16 KiB.
 */
export function headOf(message: IncomingMessage, url: string, targetSize?: number): RequestHead {
  const { socket } = message
  return createHead({
    method: message.method ?? '',
    url,
    rawHeaders: message.rawHeaders,
    httpVersion: message.httpVersion,
    scheme: (socket as TLSSocket).encrypted === true ? 'https' : 'http',
    remoteAddress: ipAndPort(socket.remoteAddress, socket.remotePort),
    localAddress: ipAndPort(socket.localAddress, socket.localPort),
    ...(targetSize !== undefined && { targetSize }),
  })
}

/** `ip:port`; an IPv6 address stands in brackets before a port (RFC 3986 section 3.2.2). */
export function ipAndPort(ip = '', port = 0): string {
  return formatAddress({ host: ip, port })
}
