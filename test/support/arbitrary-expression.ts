import fc from 'fast-check'
import { mutated } from './arbitrary-mutation.ts'

const JSONATA = [
  ...[
    'attributes.method',
    'attributes.headers.`x-user`',
    'payload.list[id = 1].name',
    'payload.**',
    'payload.*',
    'vars.n + 1',
  ],
  ...[
    '$uppercase(payload.text)',
    '$map(payload.list, function($v, $i) { $v.id * $i })',
    '$sum(payload.list.id)',
    'payload.list^(>id)',
  ],
  ...[
    'payload.list{name: id}',
    '$split(payload.text, /[a-c]+/)',
    '$replace(payload.text, "a", "b")',
    '$match(payload.text, /(a+)+b/)',
  ],
  ...[
    '($f := function($x) { $x <= 1 ? 1 : $x * $f($x - 1) }; $f(5))',
    '$reduce([1..9], function($a, $b) { $a & $b })',
    'payload ~> |$|{"a": 1}|',
  ],
  ...[
    '$now()',
    '$uuid()',
    '$fromMillis(0, "[Y]-[M]")',
    '$formatNumber(1.5, "#.00")',
    '$string(payload)',
    '$exists(payload.x)',
    '[1..3].($ * 2)',
  ],
  ...[
    '$base64encode(payload.text)',
    '$lookup(payload, "text")',
    '$keys(payload)',
    '$merge([payload, {"b": 2}])',
    '$sort(payload.list.id)',
    '-payload.n',
  ],
  ...[
    'payload.text in ["a", "b"]',
    'payload.n > 1 and true',
    'payload.x ?? "none"',
    '$join(payload.list.name, ",")',
    '$contains(payload.text, "a")',
  ],
]
const JSONATA_WORDS = [
  ...[
    'payload',
    'attributes',
    'vars',
    'text',
    'list',
    'id',
    '$f',
    '$x',
    '$$',
    '$',
    ':=',
    '~>',
    '..',
    '**',
    '^(',
    '{',
    '}',
    '[]',
    '@',
    '%',
    '?:',
  ],
  ...[
    'function($x) {',
    'λ',
    '$eval',
    '$toMillis',
    '$pad',
    '$string',
    '$number',
    '$error',
    '$assert',
    '[1..1e9]',
    '/(a|a)*b/',
    '"\\u0000"',
    'and',
    'or',
    'in',
    'null',
  ],
]

const DATAWEAVE = [
  ...[
    "attributes.headers['x-user']",
    'payload.text',
    "payload.list[0].name default 'x'",
    'vars.n + 1',
    "upper(payload.text) ++ '-' ++ vars.n",
  ],
  ...[
    "if (payload.n > 1) 'a' else 'b'",
    'payload.list map $.id',
    'sizeOf(payload.list)',
    "payload.text splitBy ','",
    'now()',
    'uuid()',
  ],
  ...[
    "'$(payload.text) and $(vars.n)'",
    'not isEmpty(payload.text)',
    '[1, 2] ++ [3]',
    "payload.text contains 'a'",
    '{a: payload.n}',
    '(1 + 2) * -3',
  ],
  ...[
    'toBase64(payload.text)',
    'payload.text matches /a+/',
    'payload.n as String',
    'authentication.properties.claims.sub',
    'trim(payload.text)',
  ],
]
const DATAWEAVE_WORDS = [
  ...[
    'payload',
    'attributes',
    'vars',
    'default',
    'if',
    'else',
    'not',
    '++',
    '--',
    'map',
    'filter',
    '$',
    '$$',
    '->',
    'as',
    'is',
    'splitBy',
    'joinBy',
  ],
  ...[
    'upper(',
    'now()',
    '%dw 2.0',
    '---',
    '#[',
    "'",
    '"$(',
    'null',
    'true',
    '==',
    '~=',
    '//',
    '/*',
    '*/',
    'fun f(x) =',
    'do {',
    'p(',
  ],
]

/** Pieces in any order, with blanks or without. */
function soup(words: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...words),
    fc.stringMatching(/^[\w'"().,[\]{}+\-*/&|<>=!?:;$ ]{1,4}$/),
  )
  return fc
    .tuple(fc.constantFrom(' ', ''), fc.array(piece, { minLength: 1, maxLength: 12 }))
    .map(([blank, pieces]) => pieces.join(blank))
}

function nested(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(
      text,
      fc.constantFrom('()', '[]', '{"a":}', '$string()', '-', 'payload.'),
      fc.integer({ min: 1, max: 400 }),
    )
    .map(([inner, around, times]) => {
      const closing = /[)\]}]$/.test(around) ? around.slice(-1) : ''
      return (
        around.slice(0, around.length - closing.length).repeat(times) +
        inner +
        closing.repeat(times)
      )
    })
}

/** JSONata, most of it nearly right; the texts of a suite may be among it. */
export function jsonata(suite: readonly string[] = []): fc.Arbitrary<string> {
  const seeds = fc.constantFrom(...JSONATA, ...suite)
  return fc.oneof(
    { weight: 5, arbitrary: mutated(seeds, JSONATA_WORDS) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(seeds, fc.constantFrom(' & ', '.', ' ~> ', ', ', ' ? '), seeds)
        .map((all) => all.join('')),
    },
    { weight: 2, arbitrary: soup(JSONATA_WORDS) },
    { weight: 1, arbitrary: nested(seeds) },
  )
}

/** DataWeave, most of it nearly right, besides `whole` that is. */
export function dataWeave(whole: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: mutated(fc.constantFrom(...DATAWEAVE), DATAWEAVE_WORDS) },
    { weight: 4, arbitrary: mutated(whole, DATAWEAVE_WORDS, 2) },
    { weight: 2, arbitrary: soup(DATAWEAVE_WORDS) },
    { weight: 1, arbitrary: nested(fc.constantFrom(...DATAWEAVE)) },
  )
}
