/** The names that a JSON pointer (RFC 6901) without its first `/` leads through; what stands in them is decoded. */
export function pointerNames(pointer: string): readonly string[] {
  return pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A name as it is written in a JSON pointer (RFC 6901 section 3). */
export function escapeName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
