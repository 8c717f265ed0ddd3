import { BlockList, isIP } from 'node:net'

const ADDRESSES = new BlockList()
// link-local: RFC 3927, RFC 4291 section 2.5.6; a v4 address that is mapped into v6 is checked as v4
ADDRESSES.addSubnet('169.254.0.0', 16, 'ipv4')
ADDRESSES.addSubnet('fe80::', 10, 'ipv6')
// the same behind the NAT64 prefix of RFC 6052
ADDRESSES.addSubnet('64:ff9b::169.254.0.0', 112, 'ipv6')
// metadata services that have an address of their own: AWS over v6, Alibaba Cloud
ADDRESSES.addAddress('fd00:ec2::254', 'ipv6')
ADDRESSES.addAddress('100.100.100.200', 'ipv4')

const NAMES = new Set(['metadata.google.internal', 'metadata.goog'])

/**
 * True for the host of a URL, as the URL parser writes it, that is link-local or a cloud's metadata service: whoever
 * asks there gets the credentials of the machine.
 */
export function isMetadataAddress(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(host)
  if (version === 0) return NAMES.has(host.replace(/\.$/, ''))
  return ADDRESSES.check(host, version === 6 ? 'ipv6' : 'ipv4')
}
