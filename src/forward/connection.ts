import type { LookupFunction } from 'node:net'
import { checkedLookup, type Resolve } from '../checked-lookup.ts'
import type { Upstream } from '../compiled.ts'
import { ownerOfAddress } from '../network-address.ts'

/**
 * Milliseconds that a connection to an upstream waits for its next request: shorter than the usual limits of
 * servers, so that we, not they, close it.
 */
export const IDLE_TIMEOUT = 4000

/** What `tls.connect` must know of an upstream. */
export interface TlsOptions {
  /** Empty: the certificate must bear the address. */
  readonly servername: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Options for TLS to an upstream. */
export function tlsOptions({ servername, tls }: Upstream): TlsOptions {
  return {
    servername,
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.cert !== undefined && { cert: tls.cert }),
    ...(tls?.key && { key: tls.key.reveal() }),
  }
}

/** Finds the address of an upstream, and refuses one that is link-local or of a metadata service, whatever its name. */
export function upstreamLookup(resolve?: Resolve): LookupFunction {
  return checkedLookup((address) => ownerOfAddress(address) !== 'metadata', resolve)
}
