/** The host without the dot by which it may be written from the root of the domain names (RFC 3986 section 3.2.2). */
export function withoutRootDot(host: string): string {
  return host.replace(/\.(?=$|:\d+$)/, '')
}

/** The host without the port. */
export function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '')
}
