import type { RequestListener } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createKeySets, type KeySetSurroundings } from '../../../../src/keys/index.ts'
import type { VerifyingKeys } from '../../../../src/keys/verifying/verifying-keys.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { errorCode } from '../../../support/error-code.ts'
import { ecKeys, hmacSecret } from '../../../support/keys.ts'
import { type Issuer, startIssuer } from './issuer.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND
const jwk = (kid: string) => ({ ...ecKeys('P-256', kid).publicJwk, kid })
const setOf = (...kids: string[]) => ({ keys: kids.map(jwk) })
const broken: RequestListener = (_, response) => response.writeHead(500).end()

type Outcome = Parameters<NonNullable<KeySetSurroundings['onFetch']>>[0]

interface Options {
  readonly prefetch?: boolean
  readonly maxStale?: number
}

async function started(first: unknown, { prefetch = false, maxStale = HOUR }: Options = {}) {
  const issuer = await startIssuer(first)
  const environment = fixedEnvironment()
  const outcomes: Outcome[] = []
  const sets = createKeySets({
    environment,
    prefetch,
    onFetch: (outcome) => outcomes.push(outcome),
  })
  const options = {
    url: `${issuer.url}?token=hidden`,
    allowPrivateAddresses: false,
    refresh: 600 * SECOND,
    maxStale,
    cooldown: 30 * SECOND,
  }
  const keys = sets.get(options)
  const found = (kid: string) => foundIn(keys, kid)
  const failures = () => outcomes.filter(({ error }) => error)
  return { issuer, environment, outcomes, failures, sets, options, keys, found }
}

async function foundIn(keys: VerifyingKeys, kid: string): Promise<boolean> {
  const found = await keys.find({ alg: 'ES256', kid })
  return found.length === 1 && found[0]!.export({ format: 'jwk' }).x === jwk(kid).x
}

/** Waits until the issuer was asked so often and its answer has come in. */
async function askedTimes(issuer: Issuer, count: number): Promise<void> {
  await expect.poll(issuer.asked, { interval: 1 }).toBe(count)
  for (let turns = 0; turns < 50; turns += 1) await setImmediate()
}

describe('a JWK set elsewhere', () => {
  it('is fetched ahead, by one flight, and the keys are found at once from then on', async () => {
    const { issuer, found, keys } = await started(setOf('a'), { prefetch: true })
    expect(await found('a')).toBe(true)
    expect(keys.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    expect(issuer.asked()).toBe(1)
  })

  it('is the same for the same options over every reading of the files', async () => {
    const { issuer, sets, options, keys, found } = await started(setOf('a'))
    await found('a')
    const again = sets.get({ ...options })
    expect(again).toBe(keys)
    for (const other of [{ url: `${issuer.url}/b` }, { maxStale: 1 }, { ca: 'x' }]) {
      expect(sets.get({ ...options, ...other })).not.toBe(keys)
    }
  })

  it('T100 is fetched once for a burst of 1,000 requests', async () => {
    const { issuer, found } = await started(setOf('a'))
    const all = await Promise.all(Array.from({ length: 1000 }, () => found('a')))
    expect(new Set(all)).toEqual(new Set([true]))
    expect(issuer.asked()).toBe(1)
  })

  it('T100 is fetched once for 100,000 unknown kids, which known ones do not wait for', async () => {
    const { issuer, keys, found } = await started(setOf('a'))
    await found('a')
    const held = Promise.withResolvers<void>()
    issuer.answer(async (_: unknown, response: { end(text: string): void }) => {
      await held.promise
      response.end(JSON.stringify(setOf('a')))
    })
    const unknown = Array.from({ length: 100_000 }, (_, index) =>
      keys.find({ alg: 'ES256', kid: `unknown ${index}` }),
    )
    expect(keys.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    held.resolve()
    const counts = await Promise.all(unknown.map(async (waiting) => (await waiting).length))
    expect(Math.max(...counts)).toBe(0)
    expect(keys.find({ alg: 'ES256', kid: 'unknown 1' })).toEqual([])
    expect(issuer.asked()).toBe(2)
  })

  it('T100 is fetched again for an unknown kid, once in the cool-down', async () => {
    const { issuer, environment, found } = await started(setOf('a'))
    await found('a')
    issuer.answer(setOf('a', 'b'))
    expect(await found('b')).toBe(true)
    issuer.answer(setOf('b', 'c'))
    environment.advance(30 * SECOND - 1)
    expect(await found('c')).toBe(false)
    expect(issuer.asked()).toBe(2)
    environment.advance(1)
    expect(await found('c')).toBe(true)
    expect(await found('a')).toBe(false)
    expect(issuer.asked()).toBe(3)
  })

  it('T100 is not fetched again for a kid that it knows and an algorithm that does not fit', async () => {
    const { issuer, keys, found } = await started(setOf('a'))
    await found('a')
    expect(keys.find({ alg: 'RS256', kid: 'a' })).toEqual([])
    expect(keys.find({ alg: 'RS256' })).toEqual([])
    expect(issuer.asked()).toBe(1)
  })

  it('T097 never gives a secret, whatever the issuer publishes', async () => {
    const secret = { kty: 'oct', k: hmacSecret(), kid: 'h' }
    const { keys } = await started({ keys: [secret, jwk('a')] })
    expect(await keys.find({ alg: 'HS256', kid: 'h' })).toEqual([])
    expect(await keys.find({ alg: 'HS256' })).toEqual([])
  })

  it('serves while it is replaced in the background', async () => {
    const { issuer, environment, keys, found } = await started(setOf('a'))
    await found('a')
    issuer.answer(setOf('b'))
    environment.advance(600 * SECOND + 1)
    expect(keys.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    await askedTimes(issuer, 2)
    expect(await found('b')).toBe(true)
    expect(issuer.asked()).toBe(2)
  })

  it('T100 is fetched first when it is as old as two refreshes, so that no withdrawn key is taken', async () => {
    const { issuer, environment, keys, found } = await started(setOf('a'))
    await found('a')
    issuer.answer(setOf('b'))
    environment.advance(1200 * SECOND + 1)
    const both = [keys.find({ alg: 'ES256', kid: 'a' }), keys.find({ alg: 'ES256', kid: 'b' })]
    expect((await Promise.all(both)).map(({ length }) => length)).toEqual([0, 1])
    expect(issuer.asked()).toBe(2)
  })

  it('T102 serves an old one to whom its fetch failed, and for a moment waits for no other', async () => {
    const { issuer, environment, keys, found } = await started(setOf('a'))
    await found('a')
    issuer.answer(broken)
    environment.advance(1200 * SECOND + 1)
    expect(await found('a')).toBe(true)
    issuer.answer(setOf('b'))
    environment.advance(5 * SECOND - 1)
    expect(keys.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    expect(issuer.asked()).toBe(2)
    environment.advance(1)
    expect(keys.find({ alg: 'ES256', kid: 'a' })).toHaveLength(1)
    await askedTimes(issuer, 3)
    expect(await found('a')).toBe(false)
  })

  it('T100 is waited for again when the last failure is long ago', async () => {
    const { issuer, environment, found } = await started(setOf('a'))
    await found('a')
    issuer.answer(broken)
    environment.advance(1200 * SECOND + 1)
    expect(await found('a')).toBe(true)
    issuer.answer(setOf('b'))
    environment.advance(30 * SECOND)
    expect(await found('a')).toBe(false)
  })

  it('T102 serves the last good one while the issuer is away, as long as maxStale, then 503', async () => {
    const { issuer, environment, failures, found } = await started(setOf('a'))
    await found('a')
    issuer.close()
    environment.advance(600 * SECOND + HOUR)
    expect(await found('a')).toBe(true)
    expect(failures()).toHaveLength(1)
    environment.advance(1)
    expect(await errorCode(() => found('a'))).toBe('key/unavailable')
  })

  it.each<[string, unknown]>([
    ['an error', broken],
    ['garbage', ((_, response) => response.end('garbage')) satisfies RequestListener],
    ['no set', { error: 'none' }],
  ])('T102 keeps the last good one when %s comes', async (_, answer) => {
    const { issuer, environment, failures, found } = await started(setOf('a'))
    await found('a')
    issuer.answer(answer)
    expect(await found('b')).toBe(false)
    expect(failures()).toHaveLength(1)
    expect(await found('a')).toBe(true)
    issuer.answer(setOf('b'))
    environment.advance(30 * SECOND)
    expect(await found('b')).toBe(true)
  })

  it('takes an empty set for what it says', async () => {
    const { issuer, found } = await started(setOf('a'))
    await found('a')
    issuer.answer({ keys: [] })
    expect(await found('b')).toBe(false)
    expect(await found('a')).toBe(false)
  })

  it('T102 is 503 while there is none, and does not ask for a moment after a failure', async () => {
    const { issuer, environment, found } = await started(broken)
    expect(await errorCode(() => found('a'))).toBe('key/unavailable')
    issuer.answer(setOf('a'))
    environment.advance(5 * SECOND - 1)
    expect(await errorCode(() => found('a'))).toBe('key/unavailable')
    expect(issuer.asked()).toBe(1)
    environment.advance(1)
    expect(await found('a')).toBe(true)
  })

  it('does not let a failed fetch ahead end the process', async () => {
    const { issuer, failures } = await started(broken, { prefetch: true })
    await askedTimes(issuer, 1)
    await expect.poll(failures).toHaveLength(1)
  })

  it('tells how every fetch ended, without the query of the URL', async () => {
    const { issuer, environment, outcomes, failures, found } = await started(setOf('a'))
    const { url } = issuer
    await found('a')
    for (const answer of [broken, broken, setOf('a', 'b')]) {
      issuer.answer(answer)
      environment.advance(60 * SECOND)
      await found('b')
    }
    expect(outcomes).toEqual([
      { url, usableFor: 600 * SECOND + HOUR, failures: 0 },
      { url, error: expect.anything(), usableFor: 540 * SECOND + HOUR, failures: 1 },
      { url, error: expect.anything(), usableFor: 480 * SECOND + HOUR, failures: 2 },
      { url, usableFor: 600 * SECOND + HOUR, failures: 2 },
    ])
    expect(failures()[0]!.error).toMatchObject({
      code: 'key/unavailable',
      cause: { name: 'KeySetFault', code: 'http-500' },
    })
  })
})
