import fc from 'fast-check'

const SEPARATORS = [
  '/',
  '/',
  '/',
  '//',
  '\\',
  '%2f',
  '%2F',
  '%5c',
  ';',
  ';x=1',
  '%3b',
  '/./',
  '/../',
  '/..;/',
]
const SEGMENTS = [
  ...[
    'a',
    'A',
    '.',
    '..',
    '...',
    '%2e',
    '%2E%2e',
    '.%2e',
    '%252e',
    '%c0%ae',
    '%00',
    '%',
    '%4',
    '%zz',
    '%41',
    '%7e',
  ],
  ...[
    '%20',
    '+',
    '%e2%82%ac',
    '%ff',
    '~',
    '^',
    '|',
    '"',
    "'",
    '`',
    '{',
    '}',
    '<',
    '[::1]',
    ':',
    ':80',
    '@',
    'u:p@h',
  ],
  ...[
    '\x7f',
    '\x80',
    '\xff',
    '\x01',
    '\x0b',
    'constructor',
    '__proto__',
    'http:',
    'http://evil/',
    '*',
    ',',
    '$1',
    '!',
  ],
]
const QUERIES = [
  '?',
  '??',
  '?a=1',
  '?a=/../b',
  '?a=1&a=2',
  '?token=1',
  '?;',
  '?&&',
  '?%zz',
  '?%00',
  '?a#b',
  '#',
  '#a',
  '?{}',
]

/**
 * Request targets that parsers read differently, most of them below one of these segments, which may be respelled:
 * separators in every encoding, dot segments, authorities, fragments, bytes beyond ASCII.
 */
export function targets(names: readonly string[]): fc.Arbitrary<string> {
  const name = fc.constantFrom(...names)
  const first = fc.oneof(
    { weight: 6, arbitrary: name.map((text) => `/${text}`) },
    { weight: 1, arbitrary: name.map((text) => `/${text.toUpperCase()}`) },
    {
      weight: 1,
      arbitrary: name.map((text) => `/%${text.charCodeAt(0).toString(16)}${text.slice(1)}`),
    },
    { weight: 1, arbitrary: name.map((text) => `//${text}`) },
    { weight: 1, arbitrary: name.map((text) => `http://a/${text}`) },
    { weight: 1, arbitrary: fc.constantFrom('', '/', '*', '\\', '@', 'a', '//evil', '/\\evil') },
  )
  const piece = fc.oneof(
    fc.constantFrom(...SEPARATORS),
    fc.constantFrom(...SEGMENTS),
    fc.stringMatching(/^\/[\w-]{0,5}$/),
    name.map((text) => `/${text}`),
  )
  const query = fc.oneof(
    fc.constant(''),
    fc.constantFrom(...QUERIES),
    fc.stringMatching(/^\?[!-~]{0,12}$/),
  )
  return fc
    .tuple(first, fc.array(piece, { maxLength: 4 }), query)
    .map(([start, pieces, end]) => `${start}${pieces.join('')}${end}`)
}
