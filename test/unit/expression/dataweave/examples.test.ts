import { describe, expect, it } from 'vitest'
import { parseTemplate, translateFlexValue } from '../../../../src/expression/index.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { refusal } from './refusal.ts'
import { evaluate } from './request.ts'

const MISSING = undefined

const EXAMPLES: readonly (readonly [id: string, value: string, result: unknown])[] = [
  ['D01', "#[authentication.properties.clientId default 'nobody']", 'nobody'],
  ['D02', '#[authentication.properties.clientId]', MISSING],
  ['D03', "'https://api.example.test'", 'https://api.example.test'],
  ['D04', 'plain text', 'plain text'],
  ['D05', "#[attributes.headers['x-forwarded-for']]", '198.51.100.7'],
  ['D06', "#[attributes.headers['X-Tenant']]", 'acme'],
  ['D07', "#[attributes.headers.'client_id']", 'app-7'],
  ['D08', "#[attributes.queryParams['id']]", '42'],
  ['D09', "#[attributes.method == 'PUT' or attributes.method == 'GET']", true],
  ['D10', "#[['GET', 'HEAD'] contains attributes.method]", true],
  ['D11', '#[attributes.requestPath ++ attributes.method]', '/v1/ordersGET'],
  ['D12', "#['constant']", 'constant'],
  [
    'D13',
    "#['by ' ++ authentication.clientName ++ ' via ' ++ attributes.method ++ ' ' ++ attributes.requestPath]",
    'by Shop via GET /v1/orders',
  ],
  ['D14', "#[vars.region == 'eu']", true],
  ['D15', '#[authentication.principal]', 'p-11'],
  ['D16', '#[authentication.properties.claims.sub]', 'u-33'],
  ['D17', '#[false]', false],
  ['D18', '#[payload.orderId]', 'o-44'],
  ['D19', "#[dw::core::Strings::substringAfter(attributes.headers.authorization, 'Bearer ')]", ''],
  [
    'D20',
    "#[payload.customer.id default if (attributes.headers['x-tenant'] != null) attributes.headers['x-tenant'] ++ '/' ++ vars.region else 'none']",
    'acme/eu',
  ],
  ['D21', "#[attributes.headers['x-absent'] != 'x']", true],
  ['D22', "#[attributes.headers['x-absent'] == null]", true],
  ['D23', "#[lower(attributes.method) ++ ':' ++ upper(vars.region)]", 'get:EU'],
  ['D24', `#["tenant $(attributes.headers.'x-tenant') in $(vars.region)"]`, 'tenant acme in eu'],
  ['D25', "#[authentication.properties.claims.roles contains 'admin']", true],
  ['D26', "#[isEmpty(attributes.headers['x-absent'])]", true],
  ['D27', "#[if (vars.claimSet.role == 'member') 10 else 20]", 10],
  ['D28', '#[authentication.properties.claims.roles[-1]]', 'admin'],
  [
    'D29',
    "#[dw::util::Coercions::toString(dw::core::Binaries::fromBase64('Z3LDvMOf'), 'UTF-8')]",
    'grüß',
  ],
  ['D33', "#[trim(attributes.headers['x-note'])]", 'two  words'],
  ['D34', "#[dw::core::Strings::substringBeforeLast(attributes.headers['x-trace'], '.')]", 't1.t2'],
  ['D35', "#[dw::core::Strings::substringAfterLast(attributes.headers['x-trace'], '.')]", 't3'],
  ['D36', "#[dw::core::Strings::substringBefore(attributes.requestPath, '?')]", ''],
  ['D37', "#[dw::core::Binaries::toBase64(authentication.principal ++ ':x')]", 'cC0xMTp4'],
  ['D38', "#[authentication.properties.claims.roles -- ['admin']]", ['reader']],
  ['D39', '#[authentication.properties.claims.roles[vars.n]]', 'admin'],
  ['D40', "#[['a'] ++ authentication.properties.claims.roles]", ['a', 'reader', 'admin']],
  ['D41', "#[upper(attributes.headers['x-absent'])]", MISSING],
  ['D42', '#[! true or true]', true],
  ['D43', '#[not true or true]', false],
]

describe('a value of a Flex file', () => {
  it.each(EXAMPLES)('%s: %s gives %j', async (_, value, expected) => {
    expect(await evaluate(translateFlexValue(value).text)).toStrictEqual(expected)
  })

  it.each(EXAMPLES.filter(([, value]) => value.startsWith('#[')))(
    '%s: %s gives the same inside a string',
    async (_, value, expected) => {
      const inside = `#["<$(${value.slice(2, -1)})>"]`
      const result = evaluate(translateFlexValue(inside).text)
      if (Array.isArray(expected))
        await expect(result).rejects.toThrow('expected two texts or two arrays')
      else expect(await result).toBe(expected === MISSING ? MISSING : `<${expected}>`)
    },
  )

  it.each([
    ['D30', 'now()', 0, 3, 'use the settings iat and exp for times'],
    ['D31', "{ tier: 'gold' }", 0, 1, 'there are no object literals; write one claim for each'],
    ['D32', "attributes.headers['x-tenant'", 29, 1, 'the expression ends too soon'],
  ])('%s: %s is refused at its offset, with a hint', (_, text, offset, length, hint) => {
    expect(refusal(text)).toMatchObject({ offset, length })
    expect(refusal(text).hint).toContain(hint)
  })

  it('says what is expected at the end', () => {
    expect(refusal("attributes.headers['x-tenant'").message).toBe('expected "]"')
    expect(refusal("{ tier: 'gold' }").message).toBe('there are no object literals')
  })

  it.each([
    ["'https://api.example.test'", 'quotes removed', 0],
    ['#[not true or true]', '"not" is taken to negate all that follows it', 2],
    ['#[uuid()]', 'a new token is made for every request', 2],
    ['#[payload.Envelope.Body]', 'an XML body is text here, without members', 2],
    ['#[attributes.host]', '"host" is not an attribute of the gateway', 13],
    ['#[attributes.uriParams.id]', '"uriParams" is not an attribute of the gateway', 13],
    ['#[attributes.listenerPath]', '"listenerPath" is not an attribute of the gateway', 13],
    ["#[payload.n < '5']", 'the gateway may convert a value of another type; here it fails', 2],
    ['#[payload.n + 1]', 'the gateway may convert a value of another type; here it fails', 2],
    ["#[fromBase64('aGk=')]", 'the gateway refuses bytes as a result', 2],
    ['#[authentication]', 'authentication has more members here than in the gateway', 2],
    [
      '#[isEmpty(attributes.queryParams)]',
      'a parameter that was sent several times is an array',
      10,
    ],
    ['#[9007199254740993]', 'a number this large is rounded to a double', 2],
    ['see #[vars.region]', 'text with an expression inside is literal', 4],
    ['#[vars.s contains vars.a and vars.b]', '"contains" is taken', 9],
  ])('gives a notice for %s', (value, message, offset) => {
    const { notices } = translateFlexValue(value)
    expect(notices).toHaveLength(1)
    expect(notices[0]?.message).toContain(message)
    expect(notices[0]?.offset).toBe(offset)
  })

  it.each([
    ['#[authentication.principal]'],
    ['#[authentication.properties.claims.sub]'],
    ['#[authentication.properties.slaId]'],
    ['#[vars.region]'],
    ['#[attributes.method]'],
    ["#[attributes.headers['X-Tenant']]"],
    ['#[attributes.queryParams.id]'],
    ["#['by ' ++ authentication.clientName ++ ' via ' ++ attributes.method]"],
    [`#["$(authentication.principal)@$(attributes.headers.'x-tenant')"]`],
  ])('reads %s directly, without running JSONata', (value) => {
    const { text, notices } = translateFlexValue(value)
    expect(parseTemplate(text, fixedEnvironment()).form).toBe('path')
    expect(notices).toEqual([])
  })

  it.each([
    ["'it''s'", "'it''s'"],
    ["'it\\'s'", "it's"],
    ["'a' ++ 'b'", "'a' ++ 'b'"],
    ["'cost $(5)'", 'cost $(5)'],
    ['"two words"', 'two words'],
    ["''", ''],
    ["'", "'"],
    ['', ''],
    ["it's", "it's"],
    ['a #[vars.region]', 'a #[vars.region]'],
    ["'a #[b] c'", 'a #[b] c'],
    ['\\#[vars.region]', '\\#[vars.region]'],
    ['\\\\#[x', '\\\\#[x'],
    ['# [x]', '# [x]'],
  ])('takes the text %j for the literal %j', async (value, expected) => {
    const { text, kind, constant } = translateFlexValue(value)
    expect(await evaluate(text)).toBe(expected)
    expect([kind, constant]).toEqual(['literal', expected])
  })

  it.each([
    ["#['by ' ++ authentication.principal]", 'by #[authentication.principal]', 'by p-11'],
    ["#['\\\\' ++ attributes.method]", '\\\\#[attributes.method]', '\\GET'],
    ["#['#[' ++ attributes.method]", '\\#[#[attributes.method]', '#[GET'],
    ["#[attributes.method ++ '\\n']", '#[attributes.method & "\\n"]', 'GET\n'],
    ["#['a' ++ 'b']", 'ab', 'ab'],
    ["#['' ++ authentication.absent]", '#[$dwConcat("", authentication.absent)]', MISSING],
    ["#['a' ++ attributes.headers.none]", 'a#[attributes.headers.none[0]]', MISSING],
  ])('writes joined texts as a text with expressions inside: %s', async (value, text, expected) => {
    expect(translateFlexValue(value).text).toBe(text)
    expect(await evaluate(text)).toBe(expected)
  })

  it.each([
    ["#[attributes.headers['X-Tenant']]", ['attributes', 'header x-tenant']],
    ["#[upper(attributes.headers['X-Tenant'])]", ['attributes', 'header x-tenant']],
    ["#['t-' ++ attributes.headers['X-Tenant']]", ['attributes', 'header x-tenant']],
    ['#[attributes.queryParams[vars.k]]', ['attributes', 'vars']],
    ['#[payload.lines[0].sku default authentication.principal]', ['authentication', 'payload']],
    ['#[1 + 2]', []],
  ])('reads no header field and no member but those it names: %s', (value, reads) => {
    const template = parseTemplate(translateFlexValue(value).text, fixedEnvironment())
    expect([...template.reads].toSorted()).toEqual(reads)
  })

  it('counts the offset of an error from the beginning of the value', () => {
    expect(() => translateFlexValue(' #[now()]\n')).toThrow(expect.objectContaining({ offset: 3 }))
    expect(() => translateFlexValue('#[vars.region')).toThrow(
      expect.objectContaining({ offset: 13, message: 'expression has no closing "]"' }),
    )
    expect(() => translateFlexValue('#[vars.a] #[vars.b]')).toThrow(
      expect.objectContaining({ offset: 8 }),
    )
  })
})
