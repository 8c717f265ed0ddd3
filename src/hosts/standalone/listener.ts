import { constants } from 'node:crypto'
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { Gateway, ListenerTls } from '../../compiled.ts'

/** The server of the proxy, with TLS when the files ask for it. */
export interface Listener {
  /** Listens nowhere yet. */
  readonly server: Server
  /** True for a connection that began with the certificates and authorities that serve now. */
  isCurrent(socket: Socket): boolean
}

/** Milliseconds in which a connection must have agreed on TLS. */
const HANDSHAKE_TIMEOUT = 10_000

/** Creates the server. Each connection begins with what the gateway holds then, so nothing is told of a reload. */
export function createListener(
  gateway: Gateway,
  options: ServerOptions,
  serve: RequestListener,
): Listener {
  const { tls } = gateway.compiled
  if (!tls) return { server: createHttpServer(options, serve), isCurrent: () => true }
  let current = tls
  /** What connections began with, by their ends: the socket that a request tells of is made only later. */
  const begun = new Map<string, ListenerTls>()
  const server = createHttpsServer(
    {
      ...options,
      ...secureContext(current),
      handshakeTimeout: HANDSHAKE_TIMEOUT,
      ALPNProtocols: ['http/1.1'],
      requestCert: current.clientCa !== undefined,
      // a client without a certificate may have another credential
      rejectUnauthorized: false,
    },
    serve,
  )
  server.prependListener('connection', (socket: Socket) => {
    const ends = endsOf(socket)
    begun.set(ends, renewed())
    socket.once('close', () => begun.delete(ends))
  })
  server.prependListener('secureConnection', (socket) => {
    // as without TLS, a client may close its side and still wait; before, it would only hold the connection open
    socket.allowHalfOpen = true
  })
  return { server, isCurrent: (socket) => begun.get(endsOf(socket)) === renewed() }

  function renewed(): ListenerTls {
    const { tls } = gateway.compiled
    // a listener goes on speaking TLS until it is opened anew
    if (!tls || isSame(tls, current)) return current
    current = tls
    server.setSecureContext(secureContext(tls))
    // node looks at it for each connection, and has no other way to change it
    Object.assign(server, { requestCert: tls.clientCa !== undefined })
    server.closeIdleConnections()
    return current
  }
}

function secureContext({ cert, key, clientCa, minVersion }: ListenerTls): SecureContextOptions {
  return {
    cert,
    key: key.reveal(),
    // without any, node would trust the authorities of the web; nobody is asked for a certificate then
    ...(clientCa !== undefined && { ca: clientCa }),
    minVersion,
    // a connection has one certificate from its beginning to its end
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }
}

function isSame(a: ListenerTls, b: ListenerTls): boolean {
  if (a === b) return true
  const isSameText = (['cert', 'clientCa', 'minVersion'] as const).every(
    (name) => a[name] === b[name],
  )
  return isSameText && a.key.equals(b.key)
}

function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
