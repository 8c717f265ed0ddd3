import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../src/expression/index.ts'
import type { Json } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { request } from './request.ts'

const environment = fixedEnvironment({ now: '2026-03-04T05:06:07.890Z' })
const parse = (text: string) => parseTemplate(text, environment)

async function evaluate(source: string, members: Parameters<typeof request>[0] = {}) {
  return (await parse(`#[${source}]`).evaluate(request(members))) as Json | undefined
}

describe('functions', () => {
  const text = 'Grüße, 世界 😀'
  const bytes = Buffer.from(text, 'utf8')

  it.each([
    ['$sha256(payload)', createHash('sha256').update(bytes).digest('hex')],
    ['$sha384(payload, "base64")', createHash('sha384').update(bytes).digest('base64')],
    ['$sha512(payload, "base64url")', createHash('sha512').update(bytes).digest('base64url')],
    ['payload.$sha256()', createHash('sha256').update(bytes).digest('hex')],
    ['payload ~> $sha256("base64")', createHash('sha256').update(bytes).digest('base64')],
    ['$hmac("sha256", "kéy", payload)', createHmac('sha256', 'kéy').update(bytes).digest('hex')],
    [
      '$hmac("sha512", "k", payload, "base64url")',
      createHmac('sha512', 'k').update(bytes).digest('base64url'),
    ],
    ['$base64(payload)', bytes.toString('base64')],
    ['$base64url(payload)', bytes.toString('base64url')],
    ['$hex(payload)', bytes.toString('hex')],
  ])('take text as UTF-8: %s', async (source, expected) => {
    expect(await evaluate(source, { payload: text })).toBe(expected)
  })

  it.each([
    ['$sha256(payload)'],
    ['$hmac("sha256", "k", payload)'],
    ['$hmac("sha256", payload, "k")'],
    ['$base64(payload)'],
    ['$canonicalQuery(payload)'],
    ['$canonicalJson(payload)'],
  ])('give nothing for a missing argument: %s', async (source) => {
    expect(await evaluate(source)).toBeUndefined()
  })

  it.each([
    ['$now()', '2026-03-04T05:06:07.890Z'],
    ['$now("[Y0001]-[M01]-[D01]")', '2026-03-04'],
    ['$now("[H01]:[m01]", "+0200")', '07:06'],
    ['$millis()', 1772600767890],
    ['$nowSeconds()', 1772600767],
    ['$fromMillis($toMillis("09:30", "[H01]:[m01]"))', '2026-03-04T09:30:00.000Z'],
  ])('read the clock of the environment: %s', async (source, expected) => {
    expect(await evaluate(source)).toBe(expected)
  })

  it('see one time throughout an evaluation', async () => {
    let now = 0
    const environment = { ...fixedEnvironment(), now: () => (now += 1000) }
    const template = parseTemplate('#[[$millis(), $nowSeconds(), $millis()]]', environment)
    expect(await template.evaluate(request())).toEqual([1000, 1, 1000])
    expect(await template.evaluate(request())).toEqual([2000, 2, 2000])
  })

  it('take ids and randomness from the environment', async () => {
    const environment = fixedEnvironment({ uuids: ['first', 'second'] })
    const template = parseTemplate('#[[$uuid(), $uuid()]]', environment)
    expect(await template.evaluate(request())).toEqual(['first', 'second'])
    const source = '#[[$random(), $nonce(), $shuffle([1..9])]]'
    const run = () => parseTemplate(source, fixedEnvironment()).evaluate(request())
    expect(await run()).toEqual(await run())
  })

  it('give a random number from 0 to below 1, and every item of a shuffled array once', async () => {
    const numbers = (await evaluate('[1..200].$random()')) as number[]
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
    expect(new Set(numbers).size).toBe(200)
    const shuffled = (await evaluate('$shuffle([1..50])')) as number[]
    expect(shuffled).not.toEqual(shuffled.toSorted((one, other) => one - other))
    expect(new Set(shuffled).size).toBe(50)
  })

  it.each([
    [0x00, [2, 3, 4, 1]],
    [0xff, [1, 2, 3, 4]],
  ])('shuffle by one random number for each item: bytes of %i', async (byte, order) => {
    const random = (length: number) => new Uint8Array(length).fill(byte)
    const template = parseTemplate('#[$shuffle([1..4])]', { ...fixedEnvironment(), random })
    expect(await template.evaluate(request())).toEqual(order)
  })

  it.each<[string, unknown]>([
    ['$shuffle([])', []],
    ['$shuffle([7])', [7]],
    ['$shuffle(payload.none)', undefined],
    ['$count($shuffle([1..100]))', 100],
  ])('shuffle what there is: %s', async (source, expected) => {
    expect(await evaluate(source)).toEqual(expected)
  })

  it('are charged for long texts, and make none that is longer than the limit', async () => {
    const payload = { text: 'x'.repeat(65_536) }
    expect(await evaluate('$length($uppercase(payload.text))', { payload })).toBe(65_536)
    const many = '$sum([1..15].$length($$.payload.text))'
    await expect(evaluate(many, { payload })).rejects.toThrow('within 10000 steps')
    const longer = { text: `${payload.text}x` }
    await expect(
      evaluate('$length($uppercase(payload.text))', { payload: longer }),
    ).rejects.toThrow('within 65536 characters in a string')
  })

  it.each([
    ['$nonce(1)', /^[\w-]{2}$/],
    ['$nonce(256, "hex")', /^[0-9a-f]{512}$/],
    ['$nonce()', /^[\w-]{22}$/],
    ['$nonce(4, "hex")', /^[0-9a-f]{8}$/],
    ['$nonce(3, "base64")', /^[\w+/]{4}$/],
  ])('make a nonce of so many bytes: %s', async (source, shape) => {
    expect(await evaluate(source)).toMatch(shape)
  })

  it.each([
    ['$bodyHash()', Buffer.from('a\0ÿ'), createHash('sha256').update('a\0ÿ').digest('hex')],
    ['$bodyHash("sha512", "base64")', undefined, createHash('sha512').digest('base64')],
    ['$bodyHash()', new Uint8Array(0), createHash('sha256').digest('hex')],
  ])('hash the bytes of the body: %s', async (source, body, expected) => {
    expect(await evaluate(source, body ? { body } : {})).toBe(expected)
  })

  it.each([
    ['$canonicalQuery()', 'a=1&b=2'],
    ['$canonicalQuery("b=2&a=2&a=1&a&=x")', '=x&a=&a=1&a=2&b=2'],
    ['$canonicalQuery("?k=a+b%2Fc!")', 'k=a%20b%2Fc%21'],
    ['$canonicalQuery("%C3%A9=1&e=~-._*")', '%C3%A9=1&e=~-._%2A'],
    ['$canonicalQuery("a%20b=1&a!=2")', 'a%20b=1&a%21=2'],
    ['$canonicalQuery({"b": [2, true], "a": "x y"})', 'a=x%20y&b=2&b=true'],
    ['$canonicalQuery("")', ''],
    ['$canonicalQuery(attributes.queryParams)', 'a=1&b=2'],
  ])('write a query in one way: %s', async (source, expected) => {
    expect(await evaluate(source)).toBe(expected)
  })

  it('write JSON in the canonical form of RFC 8785', async () => {
    // The members and numbers of the example in its section 3.2.2 and 3.2.3.
    const payload = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      1: 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      ö: 'o',
    }
    expect(await evaluate('$canonicalJson(payload)', { payload })).toBe(
      '{"\\r":"CR","1":"One","literals":[null,true,false],' +
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/",' +
        '"\u0080":"Control","ö":"o","€":"Euro","😀":"Emoji","\ufb33":"Dalet"}',
    )
  })

  it.each([
    ['$nonce(0)'],
    ['$nonce(1.5)'],
    ['$sha256("a", vars.region)'],
    ['$hmac(vars.region, "k", "t")'],
    ['$canonicalQuery(payload)'],
    ['$canonicalQuery("%zz")'],
    ['$canonicalQuery({"a": {}})'],
    ['$canonicalJson($sum)'],
    ['$sha256(upstream.port)'],
  ])('fail rather than guess: %s', async (source) => {
    expect(await errorCode(() => evaluate(source, { payload: [1] }))).toBe('expr/failed')
  })

  it('keep what JSONata says of base64: Latin-1, not UTF-8', async () => {
    expect(await evaluate('$base64encode("é")')).toBe(Buffer.from([0xe9]).toString('base64'))
    expect(await evaluate('$base64("é")')).toBe(Buffer.from('é', 'utf8').toString('base64'))
  })
})
