import { BlockList, isIP } from 'node:net'

/** Whose an address is: `metadata` stands for link-local ones and those of the metadata services of clouds. */
export type AddressOwner = 'metadata' | 'loopback' | 'private' | 'public'

/** Whose an IP address is, of either version, as the URL parser or a resolver writes it; brackets may be there. */
export function ownerOfAddress(address: string): AddressOwner {
  const ip = withoutBrackets(address)
  const version = isIP(ip) === 6 ? 'ipv6' : 'ipv4'
  return LISTS.find(([, list]) => list.check(ip, version))?.[0] ?? 'public'
}

/**
 * True for the host of a URL, as the URL parser writes it, that is link-local or a cloud's metadata service: whoever
 * asks there gets the credentials of the machine.
 */
export function isMetadataAddress(hostname: string): boolean {
  if (isAddress(hostname)) return ownerOfAddress(hostname) === 'metadata'
  return METADATA_NAMES.has(hostname.replace(/\.$/, ''))
}

/** True for the host of a URL, as the URL parser writes it, that names this machine. */
export function isLoopbackHost(hostname: string): boolean {
  if (!isAddress(hostname)) return hostname === 'localhost'
  return ownerOfAddress(hostname) === 'loopback'
}

/** True for the host of a URL, as the URL parser writes it, that is an IP address and no name. */
export function isAddress(hostname: string): boolean {
  return isIP(withoutBrackets(hostname)) !== 0
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

const METADATA_NAMES = new Set(['metadata.google.internal', 'metadata.goog'])

// A v4 address that is mapped into v6 is checked as v4; behind the NAT64 prefix of RFC 6052 it stands here itself.
const LISTS: readonly (readonly [AddressOwner, BlockList])[] = [
  [
    'metadata',
    blockList([
      // link-local: RFC 3927, RFC 4291 section 2.5.6
      '169.254.0.0/16',
      'fe80::/10',
      '64:ff9b::169.254.0.0/112',
      // metadata services that have an address of their own: AWS over v6, Alibaba Cloud, Azure
      'fd00:ec2::254/128',
      '100.100.100.200/32',
      '64:ff9b::100.100.100.200/128',
      '168.63.129.16/32',
      '64:ff9b::168.63.129.16/128',
    ]),
  ],
  ['loopback', blockList(['127.0.0.0/8', '::1/128'])],
  [
    'private',
    // not globally reachable, in the registries of RFC 6890
    blockList([
      ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.0.0.0/24'],
      ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
      ...['::/96', 'fc00::/7', 'fec0::/10', 'ff00::/8', '64:ff9b:1::/48'],
      ...['64:ff9b::0.0.0.0/104', '64:ff9b::10.0.0.0/104', '64:ff9b::100.64.0.0/106'],
      ...['64:ff9b::127.0.0.0/104', '64:ff9b::172.16.0.0/108', '64:ff9b::192.168.0.0/112'],
      // 6to4 and Teredo hold a v4 address, which a relay would ask
      ...['2002::/16', '2001::/32'],
    ]),
  ],
]

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}
