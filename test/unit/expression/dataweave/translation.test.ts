import { describe, expect, it } from 'vitest'
import { translateDataWeave } from '../../../../src/expression/index.ts'

const jsonata = (text: string) => translateDataWeave(text).jsonata

describe('a value that may be null', () => {
  it.each([
    ['upper(vars.a)', '$uppercase($dwPresent(vars.a))'],
    ['lower(payload)', '$lowercase($dwPresent(payload))'],
    ['toBase64(authentication.properties.a)', '$base64($dwPresent(authentication.properties.a))'],
    ['vars.a + 1', '$dwPresent(vars.a) + 1'],
    ['1 < vars.a', '1 < $dwPresent(vars.a)'],
    ['-vars.a', '-$dwPresent(vars.a)'],
    ['(if (true) 1 else vars.a) + 1', '$dwPresent(true ? 1 : vars.a) + 1'],
  ])('is made missing where an operator would fail: %s', (text, expected) => {
    expect(jsonata(text)).toBe(expected)
  })

  it.each([
    ['upper(attributes.method)', '$uppercase(attributes.method)'],
    ["attributes.headers.a ++ ''", '$dwConcat(attributes.headers.a[0], "")'],
    ['lower(authentication.principal)', '$lowercase(authentication.principal)'],
    ['sizeOf(vars.a) + 1', '$dwSizeOf(vars.a) + 1'],
    ['-sizeOf(vars.a)', '-$dwSizeOf(vars.a)'],
    ['-(1 + 2)', '-(1 + 2)'],
    ['(vars.a default vars.b) + 1', '$dwDefault(vars.a, vars.b) + 1'],
  ])('stays as it is where it cannot be: %s', (text, expected) => {
    expect(jsonata(text)).toBe(expected)
  })
})

describe('a selector', () => {
  it.each([
    ['vars', 'vars'],
    ['vars.a', 'vars.a'],
    ['vars.a.b', '$dwAt(vars.a, "b")'],
    ['vars[0]', '$dwAt(vars, 0)'],
    ['payload', 'payload'],
    ['payload.a', '$dwAt(payload, "a")'],
    ['payload[vars.n].b', '$dwAt(payload, vars.n, "b")'],
    ['authentication.principal', 'authentication.principal'],
    ['authentication.principal.x', '$dwAt(authentication.principal, "x")'],
    ['authentication.properties', 'authentication.properties'],
    ['authentication.properties.claims.sub', 'authentication.properties.claims.sub'],
    [
      'authentication.properties.userProperties.mail.x',
      '$dwAt(authentication.properties.userProperties.mail, "x")',
    ],
    ['authentication.properties.other.x', '$dwAt(authentication.properties.other, "x")'],
    ['authentication.properties[vars.a]', '$dwAt(authentication.properties, vars.a)'],
    ['attributes.method', 'attributes.method'],
    ["attributes['requestPath'][0]", '$dwAt(attributes.requestPath, 0)'],
    ["attributes.headers['X-A']", 'attributes.headers.`x-a`[0]'],
    ["attributes.headers['X-A'][0]", '$dwAt(attributes.headers.`x-a`[0], 0)'],
    ['attributes.queryParams.Id', 'attributes.queryParams.Id[0]'],
    ['attributes.queryParams[vars.k]', '$dwAt(attributes.queryParams, vars.k)[0]'],
    ['attributes.queryParams.a[1]', '$dwAt(attributes.queryParams.a[0], 1)'],
    ["'text'[0]", '$dwAt("text", 0)'],
  ])('%s is %s', (text, expected) => {
    expect(jsonata(text)).toBe(expected)
  })

  it.each([
    ['and', '`and`'],
    ['or', '`or`'],
    ['in', '`in`'],
    ['true', '`true`'],
    ['false', '`false`'],
    ['null', '`null`'],
    ['function', '`function`'],
    ['a b', '`a b`'],
    ['1a', '`1a`'],
    ['a-1', '`a-1`'],
    ['a1_', 'a1_'],
    ['_Z', '_Z'],
    ['orders', 'orders'],
  ])('writes the name %s as %s', (name, written) => {
    expect(jsonata(`vars.'${name}'`)).toBe(`vars.${written}`)
  })
})

describe('an operator', () => {
  it.each([
    ['1 + 2 == 3', '(1 + 2) = 3'],
    ['1 + 2 * 3', '1 + (2 * 3)'],
    ['(1 + 2) * 3', '(1 + 2) * 3'],
    ['1 - 2 - 3', '(1 - 2) - 3'],
    ['1 < 2 and 3 > 2 or false', '((1 < 2) and (3 > 2)) or false'],
    ['true or 1 <= 2 and 3 >= 2', 'true or ((1 <= 2) and (3 >= 2))'],
    ['vars.a == vars.b', '$dwEquals(vars.a, vars.b)'],
    ["vars.a == 'x'", 'vars.a = "x"'],
    ["'x' == vars.a", '"x" = vars.a'],
    ['vars.a != null', '$not($dwIsNull(vars.a))'],
    ['null == vars.a', '$dwIsNull(vars.a)'],
    ['vars.a and vars.b', '$dwBoolean(vars.a) and $dwBoolean(vars.b)'],
    ['not isEmpty(vars.a)', '$not($dwIsEmpty(vars.a))'],
    ['!vars.a', '$not($dwBoolean(vars.a))'],
    ['1 / 2', '1 / 2'],
    ['1 / 0', '$dwDivide(1, 0)'],
    ['1 / vars.n', '$dwDivide(1, vars.n)'],
    ['vars.a -- vars.b', '$dwRemove(vars.a, vars.b)'],
    ['vars.a default "x"', '$dwDefault(vars.a, "x")'],
    ['vars.a default 1 / 0', '($value := vars.a; $dwIsNull($value) ? $dwDivide(1, 0) : $value)'],
    [
      '(vars.a default 1 / 0) + 1',
      '($value := vars.a; $dwIsNull($value) ? $dwDivide(1, 0) : $value) + 1',
    ],
    ['attributes.headers.a default "x"', 'attributes.headers.a[0] ?? "x"'],
    ['attributes.headers.a default (1 + 2)', 'attributes.headers.a[0] ?? (1 + 2)'],
    ["attributes.headers.a[0] default 'x'", '$dwDefault($dwAt(attributes.headers.a[0], 0), "x")'],
    ["upper(vars.a) default 'x'", '$dwDefault($uppercase($dwPresent(vars.a)), "x")'],
    ["'x' default vars.a", '"x"'],
    ['vars.a default payload.b', '$dwDefault(vars.a, $dwAt(payload, "b"))'],
    ['vars.a default [1, 2]', '$dwDefault(vars.a, [1, 2])'],
    ['vars.a default attributes.queryParams.b', '$dwDefault(vars.a, attributes.queryParams.b[0])'],
    [
      'vars.a default attributes.queryParams[vars.k]',
      '($value := vars.a; $dwIsNull($value) ? $dwAt(attributes.queryParams, vars.k)[0] : $value)',
    ],
    [
      'vars.a default payload[1 / 0]',
      '($value := vars.a; $dwIsNull($value) ? $dwAt(payload, $dwDivide(1, 0)) : $value)',
    ],
    [
      'vars.a default payload[1 / 0].b',
      '($value := vars.a; $dwIsNull($value) ? $dwAt(payload, $dwDivide(1, 0), "b") : $value)',
    ],
    [
      "vars.a default trim('x')[0]",
      '($value := vars.a; $dwIsNull($value) ? $dwAt($dwTrim("x"), 0) : $value)',
    ],
    [
      "vars.a default [1, upper('x')]",
      '($value := vars.a; $dwIsNull($value) ? [1, $uppercase("x")] : $value)',
    ],
    ["(attributes.headers.a default 'x') ++ 'y'", '(attributes.headers.a[0] ?? "x") & "y"'],
    ['(if (true) 1 else 2) + 1', '(true ? 1 : 2) + 1'],
    ["('a' ++ 'b') == 'a'", '("a" & "b") = "a"'],
    ['(1 == 2) == true', '(1 = 2) = true'],
    ['if (vars.a) 1 else 2', '$dwBoolean(vars.a) ? 1 : 2'],
    ['if (1 == 1) 1 + 1 else 2', '(1 = 1) ? (1 + 1) : 2'],
    ["'a' ++ attributes.method ++ 'b'", '"a" & attributes.method & "b"'],
    ["'a' ++ upper('b')", '"a" & $uppercase("b")'],
    ["'a' ++ vars.b ++ 1", '$dwConcat("a", vars.b, 1)'],
    ['[1] ++ [2]', '$dwConcat([1], [2])'],
    ['"a$(1)"', '$dwConcat("a", 1)'],
    ['"$(1)"', '$dwConcat("", 1)'],
    ['[1, "a", true]', '[1, "a", true]'],
    ['[]', '[]'],
    ['[[1], 2]', '$dwArray([1], 2)'],
    ['[1, vars.a]', '$dwArray(1, vars.a)'],
    ['[upper("a"), null]', '$dwArray($uppercase("a"), ())'],
  ])('%s is %s', (text, expected) => {
    expect(jsonata(text)).toBe(expected)
  })
})

describe('the text that an expression always gives', () => {
  it.each([
    ["'x'", 'x'],
    ["''", ''],
    ["'x' default vars.a", 'x'],
    ["('x')", 'x'],
    ['1', undefined],
    ['true', undefined],
    ['vars.a', undefined],
    ["upper('x')", undefined],
  ])('of %s is %j', (text, constant) => {
    expect(translateDataWeave(text).constant).toBe(constant)
  })
})

describe('joined texts that are read without running JSONata', () => {
  it.each([
    ["'a' ++ attributes.method", 'a#[attributes.method]'],
    ['attributes.method ++ attributes.scheme', '#[attributes.method]#[attributes.scheme]'],
    ["'a' ++ attributes.headers.b ++ 'c'", 'a#[attributes.headers.b[0]]c'],
    ["'a\\\\' ++ attributes.method ++ '#[b'", 'a\\\\#[attributes.method]\\#[b'],
    ["'a\\n' ++ attributes.method ++ '\\n'", 'a\n#[attributes.method]\n'],
    ["attributes.method ++ ' '", '#[attributes.method] '],
    ["attributes.method ++ '\\r\\n'", undefined],
    ["attributes.method ++ '$'", undefined],
    ['"a" ++ vars.b', undefined],
    ["'a' ++ upper('b')", undefined],
    ["'a' ++ attributes.method[0]", undefined],
    ["'a' ++ attributes.queryParams[vars.k]", undefined],
    ["'a' ++ 1", undefined],
    ["'a'", undefined],
  ])('%s are %j', (text, template) => {
    expect(translateDataWeave(text).template).toBe(template)
  })
})

/** What the translation knows of a value, as it shows where the value is used. */
function known(text: string): string {
  const notices = (rest: string) => translateDataWeave(`(${text}) ${rest}`).notices
  const isConverted = (rest: string) => notices(rest).length > notices('').length
  const plain = jsonata(text)
  const type =
    (!isConverted('+ 1') && 'number') ||
    (!isConverted("< 'a'") && 'text') ||
    (jsonata(`(${text}) and true`) !== `$dwBoolean(${plain}) and true` && 'boolean') ||
    'any'
  if (jsonata(`(${text}) default 1`) === plain) return `${type}, always`
  return jsonata(`upper(${text})`) === `$uppercase(${plain})`
    ? `${type} or missing`
    : `${type} or null`
}

describe('what is known of a value before there is one', () => {
  it.each([
    ["'a'", 'text, always'],
    ['1', 'number, always'],
    ['true', 'boolean, always'],
    ['vars.a', 'any or null'],
    ['payload.a', 'any or missing'],
    ['payload', 'any or null'],
    ['authentication.principal', 'text or missing'],
    ['authentication.clientId', 'text or missing'],
    ['authentication.clientName', 'text or missing'],
    ['authentication.properties', 'any or null'],
    ['authentication.properties.claims.sub', 'any or null'],
    ['attributes.method', 'text, always'],
    ['attributes.scheme', 'text, always'],
    ['attributes.version', 'text, always'],
    ['attributes.requestPath', 'text, always'],
    ['attributes.requestUri', 'text, always'],
    ['attributes.queryString', 'text, always'],
    ['attributes.remoteAddress', 'text, always'],
    ['attributes.localAddress', 'text, always'],
    ['attributes.host', 'any or missing'],
    ['attributes.queryParams.a', 'text or missing'],
    ['attributes.queryParams[vars.a]', 'text or missing'],
    ['attributes.headers.a', 'text or missing'],
    ['attributes.headers.a[0]', 'any or missing'],
    ['upper(attributes.method)', 'text, always'],
    ['upper(vars.a)', 'text or missing'],
    ['uuid()', 'text, always'],
    ['toBase64(vars.a)', 'text or missing'],
    ['trim(vars.a)', 'text or missing'],
    ["substringAfter(vars.a, '.')", 'text or missing'],
    ["dw::util::Coercions::toString(fromBase64('aGk='), 'UTF-8')", 'text or missing'],
    ["dw::util::Coercions::toString(vars.a, 'UTF8')", 'any or null'],
    ["dw::util::Coercions::toString(1, 'utf-8')", 'number, always'],
    ["vars.a contains 'b'", 'boolean, always'],
    ['isEmpty(vars.a)', 'boolean, always'],
    ['sizeOf(vars.a)', 'number or missing'],
    ["vars.a splitBy ','", 'any or missing'],
    ['not true', 'boolean, always'],
    ['-1', 'number, always'],
    ['-vars.a', 'number or missing'],
    ['1 + 2', 'number, always'],
    ['1 / 2', 'number, always'],
    ['1 / 0', 'number or missing'],
    ['1 + sizeOf(vars.a)', 'number or missing'],
    ['sizeOf(vars.a) * 2', 'number or missing'],
    ["'a' ++ attributes.method", 'text, always'],
    ["'a' ++ vars.b", 'text or missing'],
    ['vars.a ++ vars.b', 'any or missing'],
    ['1 == 2', 'boolean, always'],
    ['vars.a == vars.b', 'boolean, always'],
    ["vars.a != 'x'", 'boolean, always'],
    ['vars.a == null', 'boolean, always'],
    ['vars.a and vars.b', 'boolean, always'],
    ['[1]', 'any, always'],
    ['[vars.a]', 'any, always'],
    ['vars.a -- [1]', 'any or missing'],
    ['if (true) 1 else 2', 'number, always'],
    ["if (true) 1 else 'a'", 'any, always'],
    ['if (true) 1 else sizeOf(vars.a)', 'number or missing'],
    ['if (true) vars.a else sizeOf(vars.a)', 'any or null'],
    ['if (true) sizeOf(vars.a) else vars.a', 'any or null'],
    ["attributes.headers.a default 'x'", 'text, always'],
    ['attributes.headers.a default 1', 'any, always'],
    ['attributes.headers.a default attributes.headers.b', 'text or missing'],
    ["trim(vars.a) default 'x'", 'text, always'],
    ['trim(vars.a) default vars.b', 'any or missing'],
    ['trim(vars.a) default trim(vars.b)', 'text or missing'],
  ])('%s: %s', (text, expected) => {
    expect(known(text)).toBe(expected)
  })
})
