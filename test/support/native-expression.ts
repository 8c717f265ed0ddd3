import fc from 'fast-check'

/** An expression of what is evaluated natively, and data that it reads. */
export interface NativeCase {
  readonly source: string
  readonly payload: unknown
}

const NAMES = ['a', 'b', 'x-y', '__proto__', 'constructor', 'toString', 'length']
const MARKS = ['_jsonata_function', '_jsonata_lambda', 'tupleStream', 'outerWrapper', 'sequence']
const TEXTS = [
  '',
  ' ',
  'a',
  'Ab',
  ' a \n b ',
  'a@b.c',
  'ǅß',
  '😀b',
  '\ud83d',
  'a\udc00',
  'x'.repeat(90),
]
const NUMERALS = ['0', '-0', '12', '-1.50', '1e3', '1e999', '0x1F', '0b2', ' 1', 'NaN', 'true']
const NUMBERS = [0, -0, 1, -1, 2, 7, 1.5, -0.1, 0.1 + 0.2, 1e21, 1e-7, 2 ** 53, 5e-324]

const scalars = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...TEXTS, ...NUMERALS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(true, false, null) },
)

// Few names, so that most paths meet something.
const name = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom('a', 'b') },
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.constantFrom(...MARKS) },
)

const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 6, arbitrary: scalars },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 2, arbitrary: tie('object') },
  ),
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
}))

const path = fc
  .tuple(
    fc.constantFrom('', '$.', '$$.'),
    fc.array(name, { maxLength: 2 }),
    fc.constantFrom('', '', '', '[0]'),
  )
  .map(([root, names, first]) => {
    return `${root}${['payload', ...names].map((each) => `\`${each}\``).join('.')}${first}`
  })

const literal = fc.oneof(
  scalars.map((value) => {
    // JSONata has no way to write a number in all spellings of JSON
    if (typeof value === 'number') return String(value).replace('e+', 'e')
    return JSON.stringify(value)
  }),
  fc.array(scalars, { maxLength: 3 }).map((list) => JSON.stringify(list)),
)

const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', '&', '&', 'and', 'or', 'in', '??', '??', '?:']
const CALLS = [
  ...['exists', 'boolean', 'not', 'string', 'number', 'length', 'trim', 'lowercase', 'uppercase'],
  ...['substring', 'substringBefore', 'substringAfter', 'contains'],
]

const expression = fc.letrec<Record<'any' | 'call', string>>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: path },
    { weight: 2, arbitrary: literal },
    {
      weight: 3,
      arbitrary: fc
        .tuple(tie('any'), fc.constantFrom(...OPERATORS), tie('any'))
        .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    },
    { weight: 4, arbitrary: tie('call') },
    { weight: 1, arbitrary: tie('any').map((inner) => `(${inner})`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('any'), tie('any'), fc.option(tie('any')))
        .map(([test, yes, no]) => `(${test}) ? ${yes}${no === null ? '' : ` : ${no}`}`),
    },
  ),
  call: fc
    .tuple(
      fc.constantFrom(...CALLS),
      tie('any'),
      fc.array(fc.oneof(tie('any'), fc.constantFrom('"a"', '"@"', '1', '-2')), { maxLength: 2 }),
      fc.constantFrom('call', 'call', 'chain', 'alone'),
    )
    .map(([called, first, more, how]) => {
      const given = /^substring[BA]|^contains/.test(called) ? [...more, '"a"'].slice(0, 1) : more
      const rest = called.startsWith('substring') || called === 'contains' ? given : []
      if (how === 'alone') return `(${first} ~> $${called})`
      if (how === 'chain') return `(${first} ~> $${called}(${rest.join(', ')}))`
      return `$${called}(${[first, ...rest].join(', ')})`
    }),
}))

/** Expressions of scalars, plain paths, operators and functions, most of which fit the data they read. */
export const nativeCases: fc.Arbitrary<NativeCase> = fc.record({
  source: expression.any,
  payload: fc.oneof({ weight: 6, arbitrary: data.object }, { weight: 1, arbitrary: data.value }),
})
