import { createDecoder, createVerifier } from 'fast-jwt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemEnvironment } from '../../../src/environment.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileJwt, secret } from './source.ts'

const decode = createDecoder()

/** A source of tokens on a clock that starts at `now`, and what issues one for a payload. */
async function started(block: object, now?: string) {
  const variables = { KEY: secret }
  const environment = fixedEnvironment(now === undefined ? { variables } : { variables, now })
  const { source, faults } = await compileJwt(block, secret, environment, { cache: {} })
  expect(faults).toEqual([])
  onTestFinished(() => source?.close())
  const issue = async (payload: unknown = {}) =>
    await source!.issue(requestContext({}, { payload }))
  return { environment, issue }
}

describe('T110 two requests', () => {
  const CLAIMS = {
    customClaims: [
      { name: 'a', value: '#[payload.a]', onMissing: 'omit' },
      { name: 'b', value: '#[payload.b]', onMissing: 'omit' },
      { name: '#[payload.name]', value: '#[payload.value]', onMissing: 'omit' },
    ],
  }
  const named = (members: object) => ({ name: 'n', value: 1, ...members })

  it.each<[string, object, object]>([
    ['a text that is divided elsewhere', { a: 'a|b', b: 'c' }, { a: 'a', b: 'b|c' }],
    ['a text with quotes and commas in it', { a: 'a","b":"c' }, { a: 'a', b: 'c' }],
    ['a text with a NUL in it', { a: 'a\0b', b: 'c' }, { a: 'a', b: '\0bc' }],
    ['a number and its text', { a: 1 }, { a: '1' }],
    ['true and its text', { a: true }, { a: 'true' }],
    ['null and nothing', { a: null }, {}],
    ['null and its text', { a: null }, { a: 'null' }],
    ['an empty text and nothing', { a: '' }, {}],
    ['an empty array and an empty object', { a: [] }, { a: {} }],
    ['a value and an array of it', { a: 'x' }, { a: ['x'] }],
    ['NFC and NFD', { a: 'é' }, { a: 'e\u0301' }],
    ['letters of two scripts', { a: 'a' }, { a: 'а' }],
    ['a capital and a small letter', { a: 'Ann' }, { a: 'ann' }],
    ['a blank at the end', { a: 'ann' }, { a: 'ann ' }],
    ['lists that nest elsewhere', { a: [['a'], 'b'] }, { a: ['a', ['b']] }],
    ['lists in another order', { a: ['a', 'b'] }, { a: ['b', 'a'] }],
    ['the values of two claims, swapped', { a: 'x', b: 'y' }, { a: 'y', b: 'x' }],
    ['one value under two names', { a: 'x' }, { b: 'x' }],
    ['one value under two computed names', { name: 'n', value: 1 }, { name: 'm', value: 1 }],
    ['numbers that are near', { a: 9007199254740991 }, { a: 9007199254740990 }],
  ])('that differ in %s get tokens of their own', async (_what, one, other) => {
    const { issue } = await started(CLAIMS)
    const requests = [named(one), named(other)]
    const first = [await issue(requests[0]), await issue(requests[1])]
    const second = [await issue(requests[0]), await issue(requests[1])]
    expect(first.map(({ trace }) => trace?.cache)).toEqual(['miss', 'miss'])
    expect(second.map(({ trace }) => trace?.cache)).toEqual(['hit', 'hit'])
    const tokens = first.map(({ value }) => value.reveal())
    expect(tokens[0]).not.toBe(tokens[1])
    expect(second.map(({ value }) => value.reveal())).toEqual(tokens)
  })

  it('that differ in the order of members alone get tokens that say the same', async () => {
    const { issue } = await started(CLAIMS)
    const one = await issue(named({ a: { x: 1, y: 2 } }))
    const other = await issue(named({ a: { y: 2, x: 1 } }))
    expect(decode(other.value.reveal()).a).toEqual(decode(one.value.reveal()).a)
  })
})

describe('T093 the times of a token', () => {
  const HOUR = 3600
  const BLOCK = { exp: 300, nbf: { offset: -5 } }

  it.each([
    ['today', '2026-11-22T08:00:00.999Z'],
    ['in a leap second, which the clock repeats', '2016-12-31T23:59:59.500Z'],
    ['in the last second of 32 bits with a sign', '2038-01-19T03:14:07Z'],
    ['after it', '2038-01-19T03:14:08Z'],
    ['in the last second of 32 bits', '2106-02-07T06:28:15Z'],
    ['after it', '2106-02-07T06:28:16Z'],
    ['in the year 9000', '9000-01-01T00:00:00Z'],
  ])('are whole seconds in their order %s (%s)', async (_when, now) => {
    const { issue } = await started(BLOCK, now)
    const issued = await issue()
    const { iat, nbf, exp } = decode(issued.value.reveal())
    const second = Math.floor(Date.parse(now) / 1000)
    expect({ iat, nbf, exp }).toEqual({ iat: second, nbf: second - 5, exp: second + 300 })
    expect(issued.expiresAt).toBe(second + 300)
    // as another library reads them
    const verify = createVerifier({
      key: secret,
      algorithms: ['HS256'],
      clockTimestamp: Date.parse(now),
    })
    expect(verify(issued.value.reveal())).toMatchObject({ exp })
  })

  it.each([-HOUR, HOUR])('follow a clock that is set by %i seconds', async (step) => {
    const { environment, issue } = await started(BLOCK)
    const before = decode((await issue()).value.reveal())
    environment.setNow(environment.now() + step * 1000)
    const after = decode((await issue()).value.reveal())
    expect(after.iat).toBe(before.iat + step)
    expect(after.exp - after.iat).toBe(300)
  })
})

it('T092 repeats no id in 10,000 tokens that say the same', async () => {
  const clock = fixedEnvironment({ variables: { KEY: secret } })
  const environment = { ...clock, uuid: systemEnvironment().uuid }
  const { source } = await compileJwt({ jti: true, singleUse: true }, secret, environment)
  const ids = new Set<string>()
  for (let count = 0; count < 10_000; count += 1) {
    ids.add(decode((await source!.issue(requestContext())).value.reveal()).jti)
  }
  expect(ids.size).toBe(10_000)
})
