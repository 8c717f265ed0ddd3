import { describe, expect, it } from 'vitest'
import { ExpressionSyntaxError, parseTemplate } from '../../../src/expression/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { UNREASONABLE } from '../../support/run-away-expressions.ts'

const environment = fixedEnvironment()
const parse = (text: string) => parseTemplate(text, environment)

/** The fault of a text that does not parse, with the characters that its caret marks. */
function faultOf(text: string) {
  try {
    parse(text)
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error
    const { message, offset, length, hint } = error
    return { message, hint, marked: text.slice(offset, offset + length) }
  }
  return undefined
}

describe('loading an expression', () => {
  it.each([
    ['#[atributes.method]', 'atributes', 'unknown root "atributes"', 'did you mean attributes?'],
    ['#[$$.atributes]', 'atributes', 'unknown root "atributes"', 'did you mean attributes?'],
    ['a #[vars.a & zzz]', 'zzz', 'unknown root "zzz"', /^the roots are attributes, /],
    ['#[$$.key.kid]', 'key', /only where a token is made/, /block that makes the token/],
    [
      '#[vars.a & account.id]',
      'account',
      /only where a token is made/,
      /block that makes the token/,
    ],
    ['#[$uid()]', '$uid', 'unknown function or variable "$uid"', 'did you mean $uuid?'],
    ['#[$uppercse(vars.a)]', '$uppercse', /unknown function/, 'did you mean $uppercase?'],
    ['#[uuid()]', 'uuid', '"uuid" is not a function', 'write $uuid(…)'],
    ['#[$now]', '$now', 'a function is not a value', 'write $now()'],
    ['#[$eval("1")]', '$eval', '$eval is not available', 'write the expression itself'],
    ['#[$map(["1"], $eval)]', '$eval', '$eval is not available', 'write the expression itself'],
    [
      "#[attributes.headers['x-user']]",
      "'x-user'",
      "attributes.headers['x-user'] selects the whole headers object",
      'write attributes.headers.`x-user`',
    ],
    [
      '#[($h := attributes.headers; $h["x-user"])]',
      '"x-user"',
      "$h['x-user'] selects the whole $h object",
      'write $h.`x-user`',
    ],
    ['#[attributes.headers.x-user]', '-', /subtracts/, 'write attributes.headers.`x-user`'],
    [
      '#[attributes.headers.x-request-id]',
      '-',
      /subtracts/,
      'write attributes.headers.`x-request-id`',
    ],
    [
      '#[attributes.headers.`X-User`]',
      '`X-User`',
      'header names are lower-case here',
      'write attributes.headers.`x-user`',
    ],
    [
      '#[$sha256("a", "base46")]',
      '"base46"',
      /expected one of hex, base64/,
      'did you mean base64?',
    ],
    ['#[vars.a.$sha256("base64")]', '"base64"', /is the text here/, /\(…, "base64"\)/],
    ['#[vars.a ~> $sha256("base46")]', '"base46"', /expected one of/, 'did you mean base64?'],
    ['#[$hmac("md5", "k", "t")]', '"md5"', /expected one of sha256/, undefined],
    ['#[$match("a", /(a)\\1/)]', '/(a)\\1/', /RE2/, /back-references/],
    ['#[$match("a", /a(?=b)/i)]', '/a(?=b)/i', /RE2/, /look-around/],
    ['#[$match("a", /(?<!b)a/)]', '/(?<!b)a/', /RE2/, /look-around/],
    ['#[$match("a", /((a{0,50}){0,15}){0,1}/)]', '/((a{0,50}){0,15}){0,1}/', /RE2/, /./],
    ['#[vars.a ~> $match(/a/) ?: 1]', /./, /left of "\?:"/, 'bind it to a variable first'],
    ['a #[vars.a', '#[', 'expression has no closing "]"', undefined],
    ['a #[]', '#[', 'expression is empty', undefined],
    ['#["a]', '"', 'string has no closing quote', undefined],
    ['#[`a]', '`', 'name has no closing "`"', undefined],
    ['#[/* a]', '/*', 'comment has no closing "*/"', undefined],
    ['#[$match("", /a]', '/', 'regular expression has no closing "/"', undefined],
    ['#[vars.a b]', 'b', 'syntax error: "b"', undefined],
    ['#[payload.o(1)]', 'o', '"o" is not a function', 'the name of a function begins with "$"'],
    ['#[$evla(1)]', '$evla', 'unknown function or variable "$evla"', undefined],
    ['#[(a).b]', 'a', 'unknown root "a"', /^the roots are attributes, authentication, payload, /],
    ['#[vars.a & $lenght("a")]', '$lenght', /unknown function/, 'did you mean $length?'],
    ['#[($total := 1; $totl)]', '$totl', /unknown function/, 'did you mean $total?'],
    ['#[payload.(vars)["a"]]', '"a"', /^payload.…\['a'\] selects the whole … object$/, /…/],
    [
      '#[payload.`a b`["c"]]',
      '"c"',
      "payload.`a b`['c'] selects the whole `a b` object",
      'write payload.`a b`.`c`',
    ],
    [
      '#[attributes.headers.x-a-b-c]',
      '-',
      '"-" subtracts; a name with a dash stands in backticks',
      'write attributes.headers.`x-a-b-c`',
    ],
    ['#[vars.a-b]', '-', /subtracts/, 'write vars.`a-b`'],
    ['#[payload.`a b`.c-d]', '-', /subtracts/, 'write payload.`a b`.`c-d`'],
    ['#[a := 1]', 'a', /^the left side of := must be a variable name/, undefined],
    ['#[)]', ')', 'the symbol ")" cannot be used as a unary operator', undefined],
    ['#[1 +]', '+', 'unexpected end of expression', undefined],
    ['x #[1 + (2 * 3]', '3', /expected "\)" before end/, undefined],
  ])('refuses %s', (text, marked, message, hint) => {
    const fault = faultOf(text)
    expect(fault?.message).toMatch(message)
    if (hint === undefined) expect(fault?.hint).toBeUndefined()
    else expect(fault?.hint).toMatch(hint)
    if (marked instanceof RegExp) expect(fault?.marked).toMatch(marked)
    else expect(fault?.marked).toBe(marked)
  })

  it.each([
    ["#[attributes.headers['x-user']]", 'expr/string-predicate'],
    ['#[attributes.headers.x-user]', 'expr/dash-in-name'],
    ['#[attributes.headers.`X-User`]', 'expr/header-case'],
    ['#[atributes]', 'expr/unknown-root'],
    ['#[$uid()]', 'expr/unknown-function'],
    ['#[uuid()]', 'expr/unknown-function'],
    ['#[$eval("1")]', 'expr/eval'],
    ['#[$now]', 'expr/function-value'],
    ['#[$sha256("a", "b64")]', 'expr/unknown-word'],
    ['#[vars.a.$sha256("base64")]', 'expr/unknown-word'],
    ['#[$$.key.kid]', 'expr/unknown-root'],
    ['#[$match("a", /(a)\\1/)]', 'expr/regex'],
    ['#[1 +]', 'expr/syntax'],
    ['#[', 'expr/syntax'],
  ])('names the check that refuses %s', (text, rule) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ rule }))
  })

  it.each([
    ['#[$map(payload.items, function($item) { $item.anything })]'],
    ['#[payload.items[status = "open"].{"name": title}]'],
    ['#[payload.items^(>price).id]'],
    ['#[payload.items@$item#$index.{"a": $item.x, "b": $index}]'],
    ['#[($double := function($n) { $n * 2 }; $double(upstream.port))]'],
    ['#[payload ~> |items|{"price": price * 2}, ["secret"]|]'],
    ['#[payload{kind: $count(id)}]'],
    ['#[upstream.port - vars.offset]'],
    ['#[upstream.port -vars.`offset`]'],
    ['#[upstream.port-1]'],
    ['#[{"iss": "a", "sub": authentication.principal}]'],
    ['#[attributes.headers.*]'],
    ['#[attributes.queryParams.`X-User`]'],
    ['#[payload.headers.`X-User`]'],
    ['#[payload.items["a" = kind]]'],
    ['#[vars.a ?: vars.b ?: vars.c ?? "d"]'],
    ['#[$substring(?, 0, 3)(vars.region)]'],
    ['#[vars.region ~> $uppercase ~> $trim]'],
    ['#[vars.and.or.in]'],
    ['#[vars.a ~> $sha256("base64")]'],
    ['#[$sha256("some text")]'],
    ['#[$sha256("hex", "base64")]'],
    ['#[$hmac("sha256", "hex", "base64")]'],
    ['#[$nonce(8, "hex")]'],
    ['#[vars.a - vars.b]'],
    ['#[attributes.headers.`x-user`]'],
    ['#[$.vars.a]'],
    ['#[($now := 1; $now)]'],
    ['#[payload[kind = "a"]["b" = c]]'],
    ['#[payload.items#$at[$at = 1]]'],
    ['#[payload.items.$string()]'],
    ['#[($eval := function($x) { $x }; $eval(vars.a))]'],
  ])('accepts %s', (text) => {
    expect(faultOf(text)).toBeUndefined()
  })

  it.each(UNREASONABLE)('refuses %s', (_, source) => {
    expect(() => parse(`#[${source}]`)).toThrow(ExpressionSyntaxError)
  })
})
