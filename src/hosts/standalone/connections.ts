import type { Server } from 'node:http'
import type { DropArgument, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ConnectionEvent, Observer } from '../../observe.ts'
import { ipAndPort } from '../head-of.ts'

/** The connections of clients to one server. */
export interface Connections {
  readonly open: number
}

/** Counts the connections of a server, and tells of those that it does not serve. */
export function watchConnections(server: Server, observe: Observer): Connections {
  let open = 0
  server.on('connection', (socket: Socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
  })
  server.on('drop', (data?: DropArgument) => {
    observe(refused('limit', ipAndPort(data?.remoteAddress, data?.remotePort)))
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const address = ipAndPort(socket.remoteAddress, socket.remotePort)
    observe(refused('handshake', address, error.code ?? error.name))
  })
  return {
    get open() {
      return open
    },
  }
}

function refused(
  why: ConnectionEvent['refused'],
  remoteAddress: string,
  cause?: string,
): ConnectionEvent {
  return { type: 'connection', refused: why, remoteAddress, ...(cause !== undefined && { cause }) }
}
