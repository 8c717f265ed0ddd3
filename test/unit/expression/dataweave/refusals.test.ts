import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataWeaveError, translateDataWeave } from '../../../../src/expression/index.ts'
import { refusal } from './refusal.ts'

describe('an expression outside the dialect', () => {
  it.each([
    ['now()', 0, 3, 'iat and exp'],
    ['payload.items map $.id', 14, 3, 'no functions over items'],
    ['payload.items filter true', 14, 6, 'contains'],
    ["vars.a match 'x'", 7, 5, 'if (…)'],
    ['vars.n as String', 7, 2, 'no conversion'],
    ['vars.n is String', 7, 2, 'no test of types'],
    ['do { 1 }', 0, 2, 'no local variables'],
    ['{ a: 1 }', 0, 1, 'one claim for each member'],
    ['[{ a: 1 }]', 1, 1, 'one claim for each member'],
    ["vars.a ~= 'x'", 7, 2, 'write =='],
    ["vars.a === 'x'", 7, 3, 'write =='],
    ["vars.a = 'x'", 7, 1, 'write =='],
    ['vars.a && vars.b', 7, 2, 'write and'],
    ['vars.a || vars.b', 7, 2, 'write or'],
    ['vars.a ?? 1', 7, 2, 'write default'],
    ['vars.a ? 1 : 2', 7, 1, 'if (…)'],
    ['payload..id', 7, 2, 'descendant'],
    ['payload.*id', 7, 2, 'plain selector'],
    ['payload.@id', 7, 2, 'XML'],
    ['vars.list[0 to 1]', 12, 2, 'dialect'],
    ['attributes.headers.x-user', 21, 4, ".'x-user'"],
    ['attributes.headers.x-forwarded-for', 21, 9, ".'x-forwarded-for'"],
    ['attribute.method', 0, 9, 'did you mean attributes?'],
    ['upercase(vars.a)', 0, 8, 'the functions are'],
    ['uper(vars.a)', 0, 4, 'did you mean upper?'],
    ['upper', 5, 1, 'write upper(…)'],
    ['upper(vars.a, 1)', 0, 5, 'write upper(…)'],
    ['uuid(1)', 0, 4, 'write uuid()'],
    ["toString(vars.a, 'UTF-8')", 0, 8, 'dw::util::Coercions::toString'],
    ["dw::util::Coercions::toString(vars.a, 'UTF-16')", 38, 8, "write 'UTF-8'"],
    ['dw::core::Arrays::sizeOf(vars.a)', 0, 24, 'write sizeOf(…)'],
    ['dw::core::Strings::reverse(vars.a)', 0, 26, 'functions are'],
    ["substringBefore(vars.a, '')", 24, 2, 'cut at'],
    ["if vars.a 'x' else 'y'", 3, 4, "gateway's dialect"],
    ["if (vars.b) 'x'", 15, 1, 'ends too soon'],
    ["vars.a ++ 'x", 10, 1, "end it with '"],
    ["'a' 'b'", 4, 3, "gateway's dialect"],
    ["'\\u00g0'", 1, 2, 'the character itself'],
    ['"$(vars.a"', 9, 1, 'end it with'],
    ['"$( )"', 4, 1, 'ends too soon'],
    ['"$price"', 2, 5, 'the inputs are'],
    ['1e999', 0, 5, 'quotes'],
    ['vars.a /* b', 7, 2, '*/'],
    ['vars.a, vars.b', 6, 1, "gateway's dialect"],
    ['§', 0, 1, 'quotes'],
    ['  ', 0, 1, 'empty text'],
    ['attributes', 0, 10, "attributes.headers['x-name']"],
    ['attributes.headers', 0, 18, "attributes.headers['x-name']"],
    ['sizeOf(attributes.headers)', 7, 18, "attributes.headers['x-name']"],
    ['attributes.headers[vars.name]', 0, 29, "attributes.headers['x-name']"],
    ['attributes[vars.name]', 0, 21, "attributes.headers['x-name']"],
    ['vars."a`b"', 5, 5, 'rename'],
    ["if ('x') 1 else 2", 4, 3, 'compare with a value'],
    ['vars.b and 1', 11, 1, 'compare with a value'],
    ["not 'x'", 4, 3, 'compare with a value'],
    ['if ("$(vars.a)") 1 else 2', 4, 11, 'compare with a value'],
    ["vars.s contains 'a' or vars.b", 16, 3, 'brackets around what belongs together'],
    ['attributes.methode', 11, 7, 'did you mean method?'],
    ['attributes.statusCode', 11, 10, 'the attributes are method'],
  ])('is refused at its place, with what to write instead: %s', (text, offset, length, hint) => {
    const error = refusal(text)
    expect([error.offset, error.length]).toEqual([offset, length])
    expect(error.hint).toContain(hint)
  })

  it.each([
    ['parentheses', (count: number) => `${'('.repeat(count)}1${')'.repeat(count)}`],
    ['open parentheses', (count: number) => '('.repeat(count)],
    ['arrays', (count: number) => `${'['.repeat(count)}1${']'.repeat(count)}`],
    ['negations', (count: number) => `${'!'.repeat(count)}true`],
    ['nots', (count: number) => `${'not '.repeat(count)}true`],
    ['conditions', (count: number) => `${'if (true) 1 else '.repeat(count)}1`],
    ['strings', (count: number) => '"$('.repeat(count)],
    ['selectors', (count: number) => `payload${'[0]'.repeat(count)}`],
    ['sums', (count: number) => `1${' + 1'.repeat(count)}`],
    ['calls', (count: number) => `${'upper('.repeat(count)}vars.a${')'.repeat(count)}`],
  ])('is refused when it is nested too deeply, without a crash: %s', (_, nested) => {
    for (const count of [100, 300, 600, 1000, 10_000]) {
      try {
        translateDataWeave(nested(count))
      } catch (error) {
        expect(error).toBeInstanceOf(DataWeaveError)
      }
    }
    expect(refusal(nested(10_000)).hint).toMatch(/split it/)
  })

  it('is refused when its translation exceeds a limit that it does not exceed itself', () => {
    const error = refusal(Array(400).fill('vars.a').join(' -- '))
    expect(error.message).toBe('expected an expression that is shorter or nested less deeply')
  })

  it('is the only thing that is ever thrown, and has an offset inside the text', () => {
    const words = fc.constantFrom(
      ...[
        'attributes',
        '.headers',
        "['x']",
        '.',
        '[',
        ']',
        '(',
        ')',
        '{',
        ' ',
        "'",
        '"',
        '`',
        '$(',
        '$',
      ],
      ...[
        '++',
        '--',
        '==',
        '!',
        'not ',
        ' and ',
        'default ',
        'if (',
        'else ',
        'contains ',
        'upper(',
        ',',
      ],
      ...[
        'payload',
        'vars',
        '0',
        '1.5',
        '-',
        '*',
        '/',
        '//',
        '/*',
        '\\',
        '\\u00e9',
        'null',
        'dw::',
        '::',
      ],
      ...['é', '😀', '\n', '#[', '~=', 'now()', 'uuid()', 'splitBy', 'toString'],
    )
    const texts = fc.oneof(
      fc.array(words, { maxLength: 4 }).map((parts) => parts.join('')),
      fc.array(words, { maxLength: 24 }).map((parts) => parts.join('')),
      fc.string({ maxLength: 60, unit: 'binary' }),
    )
    let translated = 0
    const property = fc.property(texts, (text) => {
      try {
        const { notices } = translateDataWeave(text)
        translated += 1
        for (const { offset, length } of notices) {
          expect(offset + length).toBeLessThanOrEqual(text.length)
        }
      } catch (error) {
        if (!(error instanceof DataWeaveError)) throw error
        expect(error.offset).toBeGreaterThanOrEqual(0)
        expect(error.offset).toBeLessThanOrEqual(text.length)
        expect(error.hint).not.toBe('')
      }
    })
    fc.assert(property, { numRuns: 5000 })
    expect(translated).toBeGreaterThan(20)
  })
})
