import { isLoopbackHost, ownerOfAddress } from '../../network-address.ts'

/**
 * Whether a JWK set may be fetched from `address`, which was found for the host of its URL or stands there itself:
 * from a public one, from this machine when the URL says so, from a private network when that is allowed, and never
 * from what is link-local or a metadata service.
 */
export function isAllowedAddress(
  address: string,
  hostname: string,
  allowPrivateAddresses: boolean,
): boolean {
  const owner = ownerOfAddress(address)
  if (owner === 'metadata') return false
  if (owner === 'public' || allowPrivateAddresses) return true
  return owner === 'loopback' && isLoopbackHost(hostname)
}
