import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocuments, writeDocuments } from '../../../../src/config/yaml/index.ts'
import type { JsonObject } from '../../../../src/types.ts'

const variable = () => 'the value of a variable'

function read(text: string, options: Parameters<typeof parseDocuments>[2] = { variable }) {
  const { documents, diagnostics } = parseDocuments('a.yaml', text, options)
  return { values: documents.map(({ value }) => JSON.parse(JSON.stringify(value))), diagnostics }
}

/** Texts that YAML, substitution or a lax reader could take for something else. */
const awkward = fc.oneof(
  fc.constantFrom(
    ...['', 'yes', 'off', 'null', '~', '010', '1:30', '1e3', '0x1f', '- a', 'a: b', 'a #b', '%a'],
    ...['---', '...', 'a\nb', 'a\r\nb', ' a ', '\t', '\0', '\x85', '\u2028', '\ufeff', '\ufffe'],
  ),
  fc.string({ unit: fc.constantFrom(...'$${}#[]\'"`\\a\n') }),
  fc.string({ unit: 'binary' }),
)
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    awkward,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(awkward, tie('value'), { maxKeys: 4 }),
  ),
})).value
const documents = fc.array(fc.dictionary(awkward, json, { minKeys: 1, maxKeys: 4 }), {
  minLength: 1,
  maxLength: 3,
})

describe('a written document', () => {
  it('is read again as it was, without a diagnostic', () => {
    fc.assert(
      fc.property(documents, (values) => {
        const text = writeDocuments(values.map((value) => ({ value: value as JsonObject })))
        expect(read(text)).toEqual({ values: JSON.parse(JSON.stringify(values)), diagnostics: [] })
      }),
      { numRuns: 400 },
    )
  })

  it('keeps references where they are meant', () => {
    const reference = '$'.concat('{NAME}')
    const unit = fc.constantFrom(reference, '$', 'a', '#[', ']', "'")
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const written = writeDocuments([{ value: { text }, references: true }])
        const { values, diagnostics } = read(written, { variable: () => reference })
        expect({ values, diagnostics }).toEqual({ values: [{ text }], diagnostics: [] })
      }),
    )
  })

  it('is read as it was under any comments', () => {
    fc.assert(
      fc.property(awkward, (text) => {
        const value = { name: 'a', jwt: { customClaims: [{ name: 'b', value: ['c'] }] } }
        const paths = [
          ['name'],
          ['jwt'],
          ['jwt', 'customClaims', 0],
          ['jwt', 'customClaims', 0, 'name'],
          ['jwt', 'customClaims', 0, 'value', 0],
        ]
        const comments = paths.map((path) => ({ path, text }))
        const written = writeDocuments([
          { value, comments },
          { value, comments },
        ])
        expect(read(written)).toEqual({ values: [value, value], diagnostics: [] })
      }),
    )
  })

  it('has each comment above its value, line by line', () => {
    const written = writeDocuments([
      {
        value: { jwt: { exp: 300, sub: '#[a]', aud: ['x'] }, inject: { location: 'none' } },
        comments: [
          { path: ['jwt', 'sub'], text: 'one\ntwo\u202e' },
          { path: ['jwt', 'aud', 0], text: 'three' },
        ],
      },
    ])
    expect(written).toBe(
      [
        'jwt:',
        '  exp: 300',
        '  # one',
        '  # two\\u{202e}',
        '  sub: "#[a]"',
        '  aud:',
        '    # three',
        '    - x',
        'inject: { location: none }',
        '',
      ].join('\n'),
    )
  })
})
