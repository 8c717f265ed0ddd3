import fc from 'fast-check'

/** A header line of a client: what it claims at the place of a policy says `CLIENT`, all else `KEPT`. */
export type FieldLine = string

/** Spellings of a header name that some receiver takes for the name itself. */
export function headerAliases(name: string): fc.Arbitrary<string> {
  const separator = fc.constantFrom('-', '_', '.', '~', '|', '!', '--', '-_', '*', "'", '^', '`')
  const edge = fc.constantFrom('', '', '', '_', '-', '.', '!')
  const parts = name.split('-')
  return fc.tuple(edge, edge, separator, recased(name)).map(([before, after, between, text]) => {
    const words = parts.map((part, index) => {
      const from = parts.slice(0, index).join('-').length + (index > 0 ? 1 : 0)
      return text.slice(from, from + part.length)
    })
    return `${before}${words.join(between)}${after}`
  })
}

/** The text with any of its letters in upper case. */
export function recased(text: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) =>
      [...text].map((letter, at) => (upper[at] ? letter.toUpperCase() : letter)).join(''),
    )
}

/** Lines that every request may have, and that reach the upstream as they are. */
export const keptLines: fc.Arbitrary<FieldLine> = fc
  .tuple(
    fc.constantFrom('X-Other', 'Accept', 'x-username', 'X-User-Id', 'Authorization-2', '__proto__'),
    fc.constantFrom('', ' ', '\t', '  '),
    fc.stringMatching(/^[!-~]{1,20}$/),
  )
  .map(([name, blank, value]) => `${name}:${blank}KEPT${value.replaceAll('CLIENT', '')}${blank}`)

/** Lines that end at the proxy, or make it refuse. */
export const connectionLines: fc.Arbitrary<FieldLine> = fc.constantFrom(
  'Connection: close',
  'Connection: keep-alive',
  'Connection: x-hop',
  'Connection: X_Hop, close',
  'Connection: authorization',
  'Connection: x-user',
  'Connection: cookie',
  'Connection: content-type',
  'Connection: ,,',
  'Keep-Alive: timeout=5',
  'Proxy-Connection: keep-alive',
  'Proxy-Authorization: Basic Og==',
  'TE: trailers',
  'Trailer: authorization',
  'X-Hop: hop',
  'Expect: 100-continue',
)
