import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Finds the addresses of a name, as `dns.lookup` does with `all`. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true },
  callback: (
    error: NodeJS.ErrnoException | null,
    addresses: readonly { readonly address: string; readonly family: number }[],
  ) => void,
) => void

/**
 * A `lookup` for connections that gives the very addresses it has checked, so that a name cannot mean one address to
 * the check and another to the connection. All of them are refused, with code `EADDRNOTALLOWED`, when one is not
 * allowed.
 */
export function checkedLookup(
  isAllowed: (address: string, hostname: string) => boolean,
  resolve: Resolve = lookup,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || first === undefined) {
        callback(error ?? lookupError('ENOTFOUND', hostname), '', 0)
      } else if (!addresses.every(({ address }) => isAllowed(address, hostname))) {
        callback(lookupError('EADDRNOTALLOWED', hostname), '', 0)
      } else if (options.all) {
        callback(null, [...addresses])
      } else {
        callback(null, first.address, first.family)
      }
    })
  }
}

function lookupError(code: string, hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`expected an address for ${hostname}: ${code}`), { code })
}
