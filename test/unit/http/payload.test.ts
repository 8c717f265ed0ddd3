import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { InexactNumber } from '../../../src/http/inexact-number.ts'
import { parsePayload } from '../../../src/http/payload.ts'
import { corpus } from '../../support/corpus.ts'
import { errorCode } from '../../support/error-code.ts'

const json = (text: string) => parsePayload(Buffer.from(text), 'application/json')

describe('parsePayload', () => {
  it('reads JSON, forms and text', () => {
    expect(json('\ufeff{"a":[1,{"b":null}]}')).toEqual({ a: [1, { b: null }] })
    const form = parsePayload(Buffer.from('a=1&a=2'), 'application/x-www-form-urlencoded')
    expect(form).toEqual({ a: ['1', '2'] })
    expect(parsePayload(Buffer.from('héllo'), 'text/plain')).toBe('héllo')
  })

  it.each([
    ['no Content-Type', 'x', undefined],
    ['another type', 'x', 'application/octet-stream'],
    ['multipart', 'x', 'multipart/form-data; boundary=x'],
    ['an empty body', '', 'application/json'],
  ])('is undefined for %s', (_case, text, contentType) => {
    expect(parsePayload(Buffer.from(text), contentType)).toBeUndefined()
  })

  it.each([
    ['JSON that is cut', '{"a":', 'application/json', 'body/malformed'],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), 'application/json', 'body/malformed'],
    ['two media types', '{}', ['text/plain', 'application/json'], 'body/media-type'],
    ['another charset', '{}', 'application/json; charset=utf-16', 'body/media-type'],
  ])('refuses %s', async (_case, text, contentType, code) => {
    expect(await errorCode(() => parsePayload(Buffer.from(text), contentType))).toBe(code)
  })

  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded'])(
    'refuses %s that is not UTF-8',
    async (type) => {
      const body = Buffer.from('"\xff"', 'latin1')
      expect(await errorCode(() => parsePayload(body, type))).toBe('body/malformed')
    },
  )

  it.each([
    '12345678901234567890',
    '9007199254740993',
    '-9007199254740993',
    '0.30000000000000001',
    '123456789.12345678901',
    '1E400',
    '-1e400',
    '1e-400',
  ])('keeps %s as it was written', (text) => {
    expect(json(`[${text}]`)).toEqual([new InexactNumber(text)])
    expect(json(`{"n":${text}}`)).toEqual({ n: new InexactNumber(text) })
  })

  it.each([
    '0',
    '-0',
    '0.1',
    '1.0',
    '1e2',
    '1E-2',
    '0e99999999999',
    '9007199254740991',
    '9007199254740992',
    '1000000000000000000000',
    '0.1000000000000000000',
    '1.7976931348623157e308',
    '5e-324',
  ])('reads %s as a number', (text) => {
    expect(json(`[${text}]`)).toEqual([Number(text)])
  })

  it('leaves digits in strings alone', () => {
    expect(json('{"n":"12345678901234567890"}')).toEqual({ n: '12345678901234567890' })
  })

  it('takes __proto__ for a name like any other', () => {
    const payload = json('{"__proto__":{"x":12345678901234567890}}') as object
    expect(Object.keys(payload)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})

const naughty = corpus('naughty-strings.json')

it.skipIf(naughty === undefined)('gives naughty strings in JSON as they are', () => {
  const text = readFileSync(naughty as string)
  expect(parsePayload(text, 'application/json')).toEqual(JSON.parse(text.toString()))
})

describe('T049 a JSON body made to take long', () => {
  it('with more than 50,000 values is refused', async () => {
    const text = `[1e1${',1'.repeat(50_000)}]`
    expect(await errorCode(() => json(text))).toBe('body/too-large')
    expect(json(`[1e1${',1'.repeat(49_998)}]`)).toHaveLength(49_999)
  })
})
