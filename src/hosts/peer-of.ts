import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Peer } from '../admission.ts'
import type { Authentication } from '../types.ts'

/** What a host knows of the sender besides. */
interface PeerOptions {
  /** Who it is as the application around us knows it. */
  readonly authentication?: Authentication | undefined
  /** False when its certificate is not to be believed any more, asked at each look at it. Default: always true. */
  trustsCertificate?(): boolean
}

/** Each is parsed once a connection, which has one certificate from its beginning to its end. */
const certificates = new WeakMap<TLSSocket, X509Certificate | undefined>()

/** What the connection of a message tells of its sender. A certificate whose chain is not trusted tells nothing. */
export function peerOf(
  { socket }: Pick<IncomingMessage, 'socket'>,
  { authentication, trustsCertificate = () => true }: PeerOptions = {},
): Peer {
  return {
    // the files may change while the body comes in
    get certificate() {
      return trustsCertificate() ? certificateOf(socket) : undefined
    },
    ...(authentication && { authentication }),
  } as Peer
}

function certificateOf(socket: IncomingMessage['socket']): X509Certificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  if (!certificates.has(socket)) certificates.set(socket, socket.getPeerX509Certificate())
  return certificates.get(socket)
}
