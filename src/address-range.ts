import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { parseAddress } from './address.ts'

/** Addresses that share their first bits. */
export interface AddressRange {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
  /** How many bits; all of them for one address. */
  readonly prefix: number
  /** The range as it is usually written, when `address` has other bits than those that are shared. */
  readonly meant?: string
}

/**
 * Reads an IP address or a CIDR range (RFC 4632, RFC 4291): `10.0.0.0/8`, `fd00::/8`. Undefined when it is something
 * else, or has a zone.
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, address = '', written] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const prefix = written === undefined ? most : Number(written)
  if (version === 0 || prefix > most) return undefined
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const bits = bitsOf(address, family)
  const first = bits.slice(0, prefix).padEnd(most, '0')
  return {
    address,
    family,
    prefix,
    ...(first !== bits && { meant: `${addressOf(first, family)}/${prefix}` }),
  }
}

/** An IP address or a CIDR range in a file, as it stands there. */
export const addressRangeSchema = z.string().superRefine((text, { addIssue }) => {
  const found = parseAddressRange(text)
  if (found && found.meant === undefined) return
  const [message, hint] = found
    ? ['expected an address, or a network by its first address', `the network is ${found.meant}`]
    : ['expected an IP address or a CIDR range, such as 10.0.0.0/8']
  addIssue({ code: 'custom', message, params: { hint } })
})

function bitsOf(address: string, family: AddressRange['family']): string {
  if (family === 'ipv4') return inBits(address.split('.').map(Number), 8)
  // the URL parser writes every group in hex, but those that :: stands for
  const [before, after] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((part) =>
      part
        .split(':')
        .filter(Boolean)
        .map((group) => Number.parseInt(group, 16)),
    )
  const groups = [...(before ?? []), ...(after ?? [])]
  return inBits(groups.toSpliced(before?.length ?? 0, 0, ...Array(8 - groups.length).fill(0)), 16)
}

function inBits(groups: readonly number[], width: number): string {
  return groups.map((group) => group.toString(2).padStart(width, '0')).join('')
}

function addressOf(bits: string, family: AddressRange['family']): string {
  const groups = (bits.match(family === 'ipv4' ? /.{8}/g : /.{16}/g) ?? []).map((group) =>
    Number.parseInt(group, 2),
  )
  if (family === 'ipv4') return groups.join('.')
  const text = groups.map((group) => group.toString(16)).join(':')
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}

/**
 * A test for peers, given as `ip:port`, that are in one of `ranges`. An IPv4 peer that a listener for both families
 * tells as `::ffff:10.0.0.1` is the same as `10.0.0.1`.
 */
export function peerList(ranges: readonly string[]): (remoteAddress: string) => boolean {
  const list = new BlockList()
  for (const text of ranges) {
    const range = parseAddressRange(text)
    if (range) list.addSubnet(range.address, range.prefix, range.family)
  }
  return (remoteAddress) => {
    // a link-local peer comes with the interface it came through
    const { host = '' } = parseAddress(remoteAddress.replace(/%[^\]]*/, '')) ?? {}
    const version = isIP(host)
    return version !== 0 && list.check(host, version === 4 ? 'ipv4' : 'ipv6')
  }
}
