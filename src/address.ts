/** Where a listener listens. */
export interface Address {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

/** The form of `HOST:PORT`; an IPv6 host stands in brackets. */
export const ADDRESS_FORM = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/

/** Reads `HOST:PORT`. Undefined when it is something else, or the port is above 65535. */
export function parseAddress(text: string): Address | undefined {
  const [, bracketed, plain, port] = ADDRESS_FORM.exec(text) ?? []
  const host = bracketed ?? plain
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) }
}

/** `HOST:PORT`, as `parseAddress` reads it. */
export function formatAddress({ host, port }: Address): string {
  return `${bracketed(host)}:${port}`
}

/** A host as it stands before a port: an IPv6 address in brackets (RFC 3986 section 3.2.2). */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
