import {
  connect as connectTcp,
  type LookupFunction,
  type Socket,
  type TcpNetConnectOpts,
} from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Address } from '../address.ts'
import { checkedLookup, type Resolve } from '../checked-lookup.ts'
import type { Upstream } from '../compiled.ts'
import { ownerOfAddress } from '../network-address.ts'

/** What `tls.connect` must know of an upstream. */
export interface TlsOptions {
  /** Empty: the certificate must bear the address. */
  readonly servername: string
  /** Written out: else `NODE_TLS_REJECT_UNAUTHORIZED=0` would send credentials to anybody. */
  readonly rejectUnauthorized: true
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** Options for TLS to an upstream. */
export function tlsOptions({ servername, tls }: Upstream): TlsOptions {
  return {
    servername,
    rejectUnauthorized: true,
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.cert !== undefined && { cert: tls.cert }),
    ...(tls?.key && { key: tls.key.reveal() }),
    ...(tls && { minVersion: tls.minVersion }),
  }
}

/** Finds the address of an upstream, and refuses one that is link-local or of a metadata service, whatever its name. */
export function upstreamLookup(resolve?: Resolve): LookupFunction {
  return checkedLookup((address) => ownerOfAddress(address) !== 'metadata', resolve)
}

/**
 * Opens a connection; calls back once, with a socket that is ready for bytes or with why there is none. What it reads is
 * given to `read`, where there is one, in place of being streamed.
 */
export type Connector = (
  address: Address,
  callback: (error: Error | null, socket: Socket | null) => void,
  read?: SocketReader,
) => void

/** Takes what a socket has read: the bytes are others after the call. False: it is not to read on until it is resumed. */
export type SocketReader = (socket: Socket, bytes: Buffer) => boolean

/** Where all connections read into, one after the other: for each read, node would make a buffer of this size. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024)
/** Octets of a TLS record (RFC 8446 section 5.1). A connection with TLS may read while another does, as it writes. */
const TLS_RECORD = 16 * 1024

/** Milliseconds of silence after which TCP asks whether the upstream is still there. */
const KEEP_ALIVE = 60_000

/**
 * Creates what opens the connections of one upstream: TLS sessions are resumed, and name lookup, TCP and TLS together
 * take no longer than `timeouts.connect`, else `UND_ERR_CONNECT_TIMEOUT`.
 */
export function createConnector(upstream: Upstream, lookup: LookupFunction): Connector {
  const { origin, timeouts, http2 } = upstream
  const isTls = origin.startsWith('https:')
  const options = isTls ? tlsOptions(upstream) : undefined
  const ALPNProtocols = http2 ? ['h2', 'http/1.1'] : ['http/1.1']
  let session: Buffer | undefined

  function open(address: Address, read: SocketReader | undefined): Socket {
    const onread = read && {
      buffer: isTls ? Buffer.allocUnsafeSlow(TLS_RECORD) : SHARED,
      callback: (length: number, buffer: Buffer) => read(socket, buffer.subarray(0, length)),
    }
    const socket = openAt({ ...address, lookup, ...(onread && { onread }) })
    return socket
  }
  function openAt(where: TcpNetConnectOpts): Socket {
    if (!isTls) return connectTcp(where)
    return connectTls({ ...where, ...options, ALPNProtocols, ...(session && { session }) }).on(
      'session',
      (latest: Buffer) => {
        session = latest
      },
    )
  }
  return (address, callback, read) => {
    // a client waits for each exchange, and keeps the process alive as long as that lasts
    const socket = open(address, read).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE).unref()
    let isOpen = false
    const expire = () => {
      if (isOpen) return
      // as undici names it, and logs do
      const code = 'UND_ERR_CONNECT_TIMEOUT'
      socket.destroy(Object.assign(new Error('expected a connection in time'), { code }))
    }
    // after a turn that took long, the time is over before the connection has been looked for
    const limit = setTimeout(() => setImmediate(expire), timeouts.connect)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(limit)
      isOpen = true
      callback(null, socket)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(limit)
      if (isOpen) markReset(error)
      else callback(error, null)
    })
  }
}

// undici takes a reset for the end of an answer without a length, which may have lost its tail; it knows a
// reset by this code only, and hears of it after us.
function markReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET'
}
