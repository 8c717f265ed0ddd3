import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scanJson } from '../../../src/http/json-scan.ts'
import { editJson } from '../../../src/http/json-splice.ts'
import { Secret } from '../../../src/secret.ts'
import { corpus } from '../../support/corpus.ts'

function outcome(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}

const scan = (text: string | Buffer) => outcome(() => scanJson(Buffer.from(text as string), {}))

describe('scanJson', () => {
  it('accepts 64 levels and refuses 65', () => {
    expect(scan('['.repeat(64) + ']'.repeat(64))).toBe('accepted')
    expect(scan('['.repeat(65) + ']'.repeat(65))).toBe('body/malformed')
    expect(scan(`${'{"a":'.repeat(64)}1${'}'.repeat(64)}`)).toBe('accepted')
  })

  it.each([
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['Latin-1', Buffer.from('{"é":1}', 'latin1')],
    ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a second byte order mark', Buffer.from('\ufeff\ufeff{}')],
  ])('refuses %s', (_case, bytes) => {
    expect(scan(bytes)).toBe('body/malformed')
  })

  it.each([
    ...['', ' ', '{', '}', '[', ']', '{]', '[}', '[1}', '{"a":1]', '1 2', '[] []', '{}}', '{},'],
    ...['[,]', '[1,]', '[1 2]', '{,}', '{"a":1,}', '{"a":1 "b":2}'],
    ...['{a:1}', '{a":1}', '{1:1}', '{"a"}', '{"a" 1}', '{"a";1}', '{"a":}', '{"a":,}'],
    ...['"', '"a', '"\\"', '"\t"', '"\x1f"', '"\\x"', '"\\', '"\\a"', "'a'"],
    ...[
      '"\\u',
      '"\\x1234"',
      '"\\u"',
      '"\\u123"',
      '"\\u123g"',
      '"\\u123G"',
      '"\\u123`"',
      '"\\u 123"',
      '"\\u12:4"',
    ],
    ...['tru', 'trux', 'True', 'fals', 'falsy', 'nul', 'nil', 'NaN', 'Infinity'],
    ...['01', '-', '-a', '-01', '+1', '.1', '1.', '1.a', '1e', '1e+', '1ea', '0x1', '1_0'],
    ...['[1]x', '\v1', '\f1', '\xa01', '1\0', '/* */1', '\ufeff\ufeff1', ' \ufeff1'],
  ])('refuses %j', (text) => {
    expect(scan(text)).toBe('body/malformed')
  })

  it.each([
    ...['0', '-0', '10', '-1.50', '1e5', '1E+05', '1.0e-5', 'true', 'false', 'null'],
    ...['""', '"\x7f"', '"é\u{1f600}"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0aF9\\uafAF"'],
    ...['[]', '[ ]', '{}', '{ }', ' \t\r\n[ 1 , [ ] , { } ] \t\r\n', '{ "a" : 1 , "a" : { } }'],
    ...['\ufeff1', '\ufeff {}'],
  ])('accepts %j', (text) => {
    expect(scan(text)).toBe('accepted')
  })

  it.each([
    ['its first bytes', [0xef, 0xbb]],
    ['a character of the same row', [0xef, 0xbb, 0xbe]],
    ['a character of another row', [0xef, 0xbc, 0xbf]],
    ['a character of another plane', [0xe2, 0xbb, 0xbf]],
  ])('takes %s for no byte order mark', (_what, bytes) => {
    expect(scan(Buffer.from([...bytes, 0x31]))).toBe('body/malformed')
  })

  it('tells structure by offsets', () => {
    const heard: unknown[] = []
    scanJson(Buffer.from('{"a": [1,"é"], "b":null}'), {
      open: (start, isObject) => heard.push(['open', start, isObject]),
      close: (end) => heard.push(['close', end]),
      name: (start, end) => heard.push(['name', start, end]),
      scalar: (start, end) => heard.push(['scalar', start, end]),
      comma: (start) => heard.push(['comma', start]),
    })
    expect(heard).toEqual([
      ['open', 0, true],
      ['name', 1, 4],
      ['open', 6, false],
      ['scalar', 7, 8],
      ['comma', 8],
      ['scalar', 9, 13],
      ['close', 14],
      ['comma', 14],
      ['name', 16, 19],
      ['scalar', 20, 24],
      ['close', 25],
    ])
  })
})

const folder = corpus('json-parsing/test_parsing')

describe.skipIf(folder === undefined)('scanJson on JSONTestSuite', () => {
  const files = folder === undefined ? [] : readdirSync(folder).sort()
  const bytesOf = (file: string) => readFileSync(`${folder}/${file}`)

  it('finds all 318 files', () => {
    expect(files.length).toBe(318)
  })

  it.each(files.filter((file) => file.startsWith('n_')))('refuses %s', (file) => {
    expect(outcome(() => scanJson(bytesOf(file), {}))).toBe('body/malformed')
  })

  it.each(files.filter((file) => file.startsWith('y_')))('accepts %s', (file) => {
    expect(outcome(() => scanJson(bytesOf(file), {}))).toBe('accepted')
  })

  it.each(files.filter((file) => file.startsWith('y_')))(
    'injects into %s and leaves its bytes, or says that it is no object',
    (file) => {
      const body = bytesOf(file)
      const segments = ['countersign test']
      const isObject = body.toString().trimStart().startsWith('{')
      const inject = () =>
        editJson(body, { remove: [], set: [{ segments, value: new Secret('T') }] })
      if (!isObject) return expect(outcome(inject)).toBe('body/shape')
      expect(editJson(inject(), { remove: [segments], set: [] })).toEqual(body)
    },
  )

  it('has one outcome for every file that the standard leaves open', () => {
    const open = files.filter((file) => file.startsWith('i_'))
    const accepted = open.filter(
      (file) => outcome(() => scanJson(bytesOf(file), {})) === 'accepted',
    )
    expect(open.length).toBe(35)
    expect(accepted.map((file) => file.slice(2, -5))).toMatchInlineSnapshot(`
      [
        "number_double_huge_neg_exp",
        "number_huge_exp",
        "number_neg_int_huge_exp",
        "number_pos_double_huge_exp",
        "number_real_neg_overflow",
        "number_real_pos_overflow",
        "number_real_underflow",
        "number_too_big_neg_int",
        "number_too_big_pos_int",
        "number_very_big_negative_int",
        "object_key_lone_2nd_surrogate",
        "string_1st_surrogate_but_2nd_missing",
        "string_1st_valid_surrogate_2nd_invalid",
        "string_incomplete_surrogate_and_escape_valid",
        "string_incomplete_surrogate_pair",
        "string_incomplete_surrogates_escape_valid",
        "string_invalid_lonely_surrogate",
        "string_invalid_surrogate",
        "string_inverted_surrogates_U+1D11E",
        "string_lone_second_surrogate",
        "structure_UTF-8_BOM_empty_object",
      ]
    `)
  })
})
