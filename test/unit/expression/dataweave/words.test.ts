import { describe, expect, it } from 'vitest'
import { HINTS } from '../../../../src/expression/dataweave/dialect.ts'
import { DataWeaveError, translateDataWeave } from '../../../../src/expression/index.ts'
import { refusal } from './refusal.ts'

const DIALECT = "write it in the gateway's dialect"
const TOO_SOON = 'the expression ends too soon'
const UTF8 = "write 'UTF-8'; other encodings are not translated"
const COERCIONS = "write dw::util::Coercions::toString(…, 'UTF-8')"
const COMPARE = 'compare with a value, and put brackets around what belongs together'
const ONE_HEADER = "name one: attributes.headers['x-name']"
const DASHED = '"-" subtracts; a name with a dash stands in quotes'
const INPUTS = 'the inputs are attributes, authentication, payload, vars'
const FUNCTIONS =
  'the functions are contains, fromBase64, isEmpty, lower, sizeOf, splitBy, substringAfter, ' +
  'substringAfterLast, substringBefore, substringBeforeLast, toBase64, toString, trim, upper, uuid'
const ATTRIBUTES =
  'the attributes are method, scheme, version, requestPath, requestUri, queryString, ' +
  'remoteAddress, localAddress, headers, queryParams'

describe('the refusal of an expression says what was expected, and what to write', () => {
  it.each([
    ['1 +', 'expected a value', TOO_SOON],
    ['(1', 'expected ")"', TOO_SOON],
    ['vars.a b', 'expected an operator or the end of the expression', DIALECT],
    ['vars.list[0 to 1]', 'expected "]"', DIALECT],
    ['upper(1 2)', 'expected "," or ")"', DIALECT],
    ['if (true) 1', 'expected "else"', TOO_SOON],
    ['payload.1', 'expected the name of a member', "write .name or .'a name'"],
    ['dw::(1)', 'expected a name after "::"', DIALECT],
    ['dw::Core::upper', 'expected "(" after upper', TOO_SOON],
    ['upper', 'expected "(" after upper', 'write upper(…)'],
    ['upper(vars.a, 1)', 'upper takes 1 argument', 'write upper(…)'],
    ['contains(vars.a)', 'contains takes 2 arguments', 'write contains(…, …)'],
    ['uuid(1)', 'uuid takes 0 arguments', 'write uuid()'],
    ['upercase(1)', '"upercase" is not a function of the gateway\'s dialect', FUNCTIONS],
    ['uper(1)', '"uper" is not a function of the gateway\'s dialect', 'did you mean upper?'],
    ['x', '"x" is not an input of the gateway\'s dialect', INPUTS],
    ['{ a: 1 }', 'there are no object literals', HINTS['{']],
    ["toString(vars.a, 'UTF-8')", 'toString needs its module', COERCIONS],
    ["dw::util::Coercions::toString('a', 'UTF-16')", 'expected the encoding UTF-8', UTF8],
    ["dw::util::Coercions::toString('a', vars.b)", 'expected the encoding UTF-8', UTF8],
    [
      'dw::core::Arrays::sizeOf(vars.a)',
      'module "dw::core::Arrays" is not in the gateway\'s dialect',
      'write sizeOf(…)',
    ],
    [
      "substringBefore(vars.a, '')",
      'expected a separator that is not empty',
      'write the text to cut at',
    ],
    ['vars.a-b', DASHED, "write .'a-b'"],
    ['vars.a-b-c', DASHED, "write .'a-b-c'"],
    ['vars.a-b -c', DASHED, "write .'a-b'"],
    ['vars.a-b- c', DASHED, "write .'a-b'"],
    ['vars.a-b-1', DASHED, "write .'a-b'"],
    ['vars.a-b+c', DASHED, "write .'a-b'"],
    ['vars.a-1-b', '"b" is not an input of the gateway\'s dialect', INPUTS],
    ['vars.a- b', '"b" is not an input of the gateway\'s dialect', INPUTS],
    ['vars.a -b', '"b" is not an input of the gateway\'s dialect', INPUTS],
    ['[1]-b', '"b" is not an input of the gateway\'s dialect', INPUTS],
    ['1 + b-c', '"b" is not an input of the gateway\'s dialect', INPUTS],
    ['attributes.headers.x-y-z', DASHED, "write .'x-y-z'"],
    ["vars.a ++ 'x", 'string has no closing quote', "end it with '"],
    ['"$(1', 'expected ")"', 'close the "$(" inside the string'],
    [
      "'\\u00g0'",
      'expected four hexadecimal digits after "\\u"',
      'write the character itself, or \\\\u for a backslash and a "u"',
    ],
    ['vars.a /* b', 'comment has no end', 'end it with */'],
    ['§', 'unexpected character', 'write text in quotes'],
    ['"$('.repeat(17), 'expected fewer strings inside each other', 'join them with ++'],
    ['('.repeat(41), 'expected an expression that is nested less deeply', 'split it'],
    ['!'.repeat(41), 'expected fewer operators in a row', 'split it'],
    ['attributes', 'this reads all header fields, credentials included', ONE_HEADER],
    ['attributes.zzzzzz', '"zzzzzz" is not an attribute of the gateway', ATTRIBUTES],
    ["vars.''", 'expected a name, and no backtick in it', 'rename the member'],
    ['1e999', 'expected a number that a double can hold', 'write it in quotes'],
    ['if (1) 2 else 3', 'expected true or false', COMPARE],
    [' ', 'expression is empty', "write a value, '' for an empty text"],
    [
      `'${'x'.repeat(16_384)}'`,
      expect.stringMatching(/^expected at most \d+ characters$/),
      'split it into several claims',
    ],
    [
      Array(400).fill('vars.a').join(' -- '),
      'expected an expression that is shorter or nested less deeply',
      'split it into several claims',
    ],
  ])('%.60s', (text, message, hint) => {
    const error = refusal(text)
    expect([error.message, error.hint]).toEqual([message, hint])
  })

  it.each([
    ['1 + upercase(1)', 4, 8],
    ['1 + upper(1, 2)', 4, 5],
    ['1 + dw::util::upper(1)', 4, 15],
    ['[1, x]', 4, 1],
    ['[1, vars.a-bc]', 11, 2],
    ['[1, attributes.methods]', 15, 7],
    ["[1, substringAfter(vars.a, '')]", 27, 2],
    ['[1, if (1) 2 else 3]', 8, 1],
  ])('at its place: %s', (text, offset, length) => {
    expect([refusal(text).offset, refusal(text).length]).toEqual([offset, length])
  })

  it.each(Object.keys(HINTS))('and knows what to write in place of %s', (word) => {
    const error = refusal(/^\w/.test(word) ? `vars.a ${word} vars.b` : `vars.a ${word}b`)
    expect(error.hint).toBe(HINTS[word])
    expect(error.hint).toMatch(/^(write|use|compare|join|there) .{2,}$/)
    expect(error.length).toBe(word.length)
  })
})

describe('an expression may be nested', () => {
  const nested = (open: string, count: number, close: string) =>
    `${open.repeat(count)}1${close.repeat(count)}`

  it.each([
    ['(', ')', 39],
    ['[', ']', 39],
    ['- ', '', 39],
  ])('%s%s up to a limit', (open, close, most) => {
    expect(() => translateDataWeave(nested(open, most, close))).not.toThrow()
    expect(() => translateDataWeave(nested(open, most + 1, close))).toThrow(DataWeaveError)
  })

  it('beside another as often as one likes', () => {
    const many = Array(100).fill('(-1)').join(', ')
    expect(() => translateDataWeave(`[${many}]`)).not.toThrow()
  })

  it('inside strings up to the same limit', () => {
    const nestedTwice = (count: number) => `"$(${nested('(', count, ')')})"`
    expect(() => translateDataWeave(nestedTwice(37))).not.toThrow()
    expect(() => translateDataWeave(nestedTwice(38))).toThrow('nested less deeply')
  })
})
