import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { errors } from 'undici'
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

/** Opens a connection; calls back once, with a socket that is ready for bytes or with why there is none. */
export type Connector = (
  address: Address,
  callback: (error: Error | null, socket: Socket | null) => void,
) => void

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

  function open(address: Address): Socket {
    const where = { ...address, lookup }
    if (!isTls) return connectTcp(where)
    return connectTls({ ...where, ...options, ALPNProtocols, ...(session && { session }) }).on(
      'session',
      (latest: Buffer) => {
        session = latest
      },
    )
  }
  return (address, callback) => {
    const socket = open(address).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE)
    let isOpen = false
    const expire = () => {
      if (isOpen) return
      socket.destroy(new errors.ConnectTimeoutError('expected a connection in time'))
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
