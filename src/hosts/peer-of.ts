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
  const known = authentication ? { authentication } : UNKNOWN
  if (!(socket instanceof TLSSocket)) return known
  return new TlsPeer(socket, trustsCertificate, known.authentication)
}

/** A class, as a literal with a getter would have a shape of its own for each request. */
class TlsPeer implements Peer {
  readonly #socket: TLSSocket
  readonly #trustsCertificate: () => boolean
  readonly authentication: Authentication | undefined

  constructor(
    socket: TLSSocket,
    trustsCertificate: () => boolean,
    authentication: Authentication | undefined,
  ) {
    this.#socket = socket
    this.#trustsCertificate = trustsCertificate
    this.authentication = authentication
  }

  /** Asked at each look, as the files may change while the body comes in. */
  get certificate(): X509Certificate | undefined {
    return this.#trustsCertificate() ? certificateOf(this.#socket) : undefined
  }
}

/** Who proved nothing; the same for all. */
const UNKNOWN: Peer = Object.freeze({})

function certificateOf(socket: TLSSocket): X509Certificate | undefined {
  if (!socket.authorized) return undefined
  if (!certificates.has(socket)) certificates.set(socket, socket.getPeerX509Certificate())
  return certificates.get(socket)
}
