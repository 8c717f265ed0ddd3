import fc from 'fast-check'

/** A change to a text at a place given as a share of its length. */
interface Change {
  readonly at: number
  readonly kind: 'insert' | 'remove' | 'replace' | 'repeat' | 'cut'
  readonly length: number
  readonly text: string
}

const NASTY = [
  '\0',
  '\r\n',
  '\n',
  '\r',
  '\t',
  ' ',
  '\x7f',
  '\x80',
  '\xff',
  ':',
  ';',
  ',',
  '"',
  "'",
  '\\',
  '%',
  '%00',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '#',
  '&',
  '=',
  '?',
  '/',
  '-',
  '_',
  '.',
  '*',
  '<<',
  '|',
  '>',
  '!',
  '@',
  '`',
  '$',
  '${',
  '#[',
  '~',
  '0',
  '1e400',
  '__proto__',
]

/** What may be put in: pieces that parsers stumble over, those of `words`, single bytes. */
function inserted(words: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...NASTY, ...words),
    fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
  )
}

/** Texts, one character a byte, that differ from `texts` in up to `most` places; some do not differ. */
export function mutated(
  texts: fc.Arbitrary<string>,
  words: readonly string[] = [],
  most = 3,
): fc.Arbitrary<string> {
  const change: fc.Arbitrary<Change> = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    kind: fc.constantFrom('insert', 'insert', 'replace', 'remove', 'repeat', 'cut'),
    length: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 60 })),
    text: inserted(words),
  })
  return fc
    .tuple(texts, fc.array(change, { maxLength: most }))
    .map(([text, changes]) => changes.reduce(changed, text))
}

function changed(text: string, { at, kind, length, text: more }: Change): string {
  const from = Math.floor(at * text.length)
  const [before, there, after] = [
    text.slice(0, from),
    text.slice(from, from + length),
    text.slice(from + length),
  ]
  switch (kind) {
    case 'insert':
      return before + more + there + after
    case 'replace':
      return before + more + after
    case 'remove':
      return before + after
    case 'repeat':
      return before + there + there + after
    case 'cut':
      // rarely all of it
      return length > 40 ? before : text
  }
}
