import { describe, expect, it } from 'vitest'
import { translateDataWeave, translateFlexValue } from '../../../../src/expression/index.ts'

const COERCIONS = "write dw::util::Coercions::toString(…, 'UTF-8')"
const CONVERTED = 'the gateway may convert a value of another type; here it fails'
const NUMBERS = 'see that the values are numbers'
const ONE_TYPE = 'compare values of one type'
const NEGATED = '"not" is taken to negate all that follows it'
const NEGATE = 'write not (…), or ! to negate only the next value'
const MORE_MEMBERS = 'authentication has more members here than in the gateway'
const MEMBERS = 'select one of principal, clientId, clientName, properties'
const XML = 'send JSON, or take the value from a header'

describe('the notice of an expression says what to look at, where, and what to write', () => {
  it.each([
    ['9007199254740993', 'a number this large is rounded to a double', 0, 16, 'write it in quotes'],
    [
      'uuid()',
      'a new token is made for every request',
      0,
      6,
      'leave uuid() out to let tokens be reused',
    ],
    ["fromBase64('aGk=')", 'the gateway refuses bytes as a result', 0, 18, COERCIONS],
    ['not true or true', NEGATED, 0, 3, NEGATE],
    ['not true and true', NEGATED, 0, 3, NEGATE],
    ['not true default true', NEGATED, 0, 3, NEGATE],
    ['not vars.a contains vars.b', NEGATED, 0, 3, NEGATE],
    [
      'vars.s contains vars.a or vars.b',
      '"contains" is taken to have all that follows it as its right side',
      7,
      8,
      'write (… contains …) and …, or contains(…, …)',
    ],
    ['true == (not true or true)', NEGATED, 9, 3, NEGATE],
    ["-'x'", CONVERTED, 0, 4, NUMBERS],
    ['vars.a - 1', CONVERTED, 0, 10, NUMBERS],
    ['1 * vars.a', CONVERTED, 0, 10, NUMBERS],
    ['vars.a / 2', CONVERTED, 0, 10, NUMBERS],
    ["'a' + 'b'", CONVERTED, 0, 9, NUMBERS],
    ["1 < 'b'", CONVERTED, 0, 7, ONE_TYPE],
    ['true > false', CONVERTED, 0, 12, ONE_TYPE],
    ['vars.a <= 1', CONVERTED, 0, 11, ONE_TYPE],
    ['vars.a >= 1', CONVERTED, 0, 11, ONE_TYPE],
    ['payload.Envelope.Body', 'an XML body is text here, without members', 0, 21, XML],
    ['authentication', MORE_MEMBERS, 0, 14, MEMBERS],
    ['authentication.other', MORE_MEMBERS, 0, 20, MEMBERS],
    [
      'isEmpty(attributes.queryParams)',
      'a parameter that was sent several times is an array here',
      8,
      22,
      'select one by name',
    ],
    [
      'attributes.host',
      '"host" is not an attribute of the gateway',
      11,
      4,
      'write attributes.headers.host',
    ],
    [
      'attributes.uriParams.id',
      '"uriParams" is not an attribute of the gateway',
      11,
      9,
      'it holds the {name} segments of match.path here',
    ],
    [
      'attributes.clientCertificate',
      '"clientCertificate" is not an attribute of the gateway',
      11,
      17,
      'use an authenticator of the kind clientCertificate',
    ],
    [
      'attributes.listenerPath',
      '"listenerPath" is not an attribute of the gateway',
      11,
      12,
      'write attributes.requestPath',
    ],
  ])('%s', (text, message, offset, length, hint) => {
    expect(translateDataWeave(text).notices).toEqual([{ message, offset, length, hint }])
  })

  it('one after the other, as they stand in the text', () => {
    const { notices } = translateDataWeave("[attributes.host, -'x', uuid(), not 1 == 1 or true]")
    expect(notices.map(({ offset }) => offset)).toEqual([12, 18, 24, 32])
  })

  it.each([
    ['not (true or true)'],
    ['not true'],
    ['not contains(vars.a, vars.b)'],
    ['not 1 == 2'],
    ['vars.s contains (vars.a or vars.b)'],
    ['(vars.s contains vars.a) and vars.b'],
    ['vars.s contains vars.a == vars.b'],
    ['1 + 2 * 3 - 4 / 2'],
    ["'a' < 'b'"],
    ['1 >= 2'],
    ['9007199254740991'],
    ['9007199254740993.0'],
    ['authentication.properties.claims'],
    ['authentication.clientName'],
    ['payload.Body.Envelope'],
  ])('and there is none for %s', (text) => {
    expect(translateDataWeave(text).notices).toEqual([])
  })
})

describe('the notice of a field value', () => {
  it.each([
    ["'q'", [['quotes removed', 0, 3, 'write the text without quotes']]],
    [
      'x #[y]',
      [
        [
          'text with an expression inside is literal',
          2,
          2,
          'let the whole value be one expression',
        ],
      ],
    ],
    [
      "'x #[y]'",
      [
        ['quotes removed', 0, 8, 'write the text without quotes'],
        [
          'text with an expression inside is literal',
          3,
          2,
          'let the whole value be one expression',
        ],
      ],
    ],
    ['  #[ -vars.a ] ', [[CONVERTED, 5, 7, NUMBERS]]],
  ])('of %s counts from its beginning', (value, expected) => {
    const { notices } = translateFlexValue(value)
    const rows = notices.map(({ message, offset, length, hint }) => [message, offset, length, hint])
    expect(rows).toEqual(expected)
  })

  it('is none where the text is plain, or one expression', () => {
    for (const value of ['plain', "it's", '"a" b', '#[vars.a]', ' #[vars.a] '])
      expect(translateFlexValue(value).notices).toEqual([])
  })

  it('is no notice but an error without the end of the expression', () => {
    const error = { message: 'expression has no closing "]"', hint: 'end the value with ]' }
    for (const value of ['#[vars.a', '#[', ' #[vars.a] b', '#[vars.a] ;']) {
      const place = { offset: value.length, length: 1 }
      expect(() => translateFlexValue(value)).toThrow(
        expect.objectContaining({ ...error, ...place }),
      )
    }
  })
})
