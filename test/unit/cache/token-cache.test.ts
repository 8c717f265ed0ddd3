import { describe, expect, it } from 'vitest'
import { type CacheOptions, createTokenCache } from '../../../src/cache/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'

const HOUR = 3_600_000

function setUp(bounds: Omit<CacheOptions, 'now'> = {}) {
  const clock = fixedEnvironment()
  const cache = createTokenCache<string>({ ...bounds, now: clock.now })
  let minted = 0
  /** Gets `key`, filled with a token that is good for `lifetime` milliseconds. */
  async function get(key: string, lifetime = 60_000, bytes = 1000) {
    return await cache.get(key, async () => {
      minted += 1
      const issuedAt = clock.now()
      return { value: `${key}-${minted}`, bytes, issuedAt, usableUntil: issuedAt + lifetime }
    })
  }
  return { clock, cache, get, minted: () => minted }
}

describe('a token cache', () => {
  it('gives the same token until it is no longer usable, then another', async () => {
    const { clock, get } = setUp()
    expect(await get('a')).toEqual(['a-1', 'miss'])
    clock.advance(59_999)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    clock.advance(1)
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it('keeps keys apart', async () => {
    const { get } = setUp()
    await get('a')
    expect(await get('b')).toEqual(['b-2', 'miss'])
    expect(await get('a')).toEqual(['a-1', 'hit'])
  })

  it.each([-HOUR, HOUR])('mints anew after the clock was set %d ms on', async (step) => {
    const { clock, get } = setUp()
    await get('a')
    clock.advance(step)
    expect(await get('a')).toEqual(['a-2', 'miss'])
    expect(await get('a')).toEqual(['a-2', 'hit'])
    clock.advance(-step)
    expect(await get('a')).toEqual(['a-3', 'miss'])
  })

  it('bears a clock that is corrected by up to two seconds', async () => {
    const { clock, get } = setUp()
    await get('a')
    clock.advance(-2000)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    clock.advance(-1)
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it('gives what is no longer usable when it comes to nobody else', async () => {
    const { get } = setUp()
    expect(await get('a', 0)).toEqual(['a-1', 'miss'])
    expect(await get('a', 0)).toEqual(['a-2', 'miss'])
  })

  it('mints once for a thousand requests at the same time', async () => {
    const { get, minted } = setUp()
    const answers = await Promise.all(Array.from({ length: 1000 }, () => get('a')))
    expect(minted()).toBe(1)
    expect(new Set(answers.map(([value]) => value))).toEqual(new Set(['a-1']))
    expect(answers.filter(([, result]) => result === 'shared')).toHaveLength(999)
  })

  it('fails together who waits together, and tries again for the next', async () => {
    const { cache, get } = setUp()
    const { promise, reject } = Promise.withResolvers<never>()
    let tries = 0
    const waiters = Array.from({ length: 10 }, () =>
      cache.get('a', () => {
        tries += 1
        return promise
      }),
    )
    reject(new Error('no key'))
    const outcomes = await Promise.allSettled(waiters)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(tries).toBe(1)
    expect(await get('a')).toEqual(['a-1', 'miss'])
  })

  it('fails like the minting that throws at once', async () => {
    const { cache, get } = setUp()
    const run = cache.get('a', () => {
      throw new Error('no key')
    })
    await expect(run).rejects.toThrow('no key')
    expect(await get('a')).toEqual(['a-1', 'miss'])
  })

  it('forgets the least recently used beyond its number of entries', async () => {
    const { get } = setUp({ maxEntries: 2 })
    for (const key of ['a', 'b', 'a', 'c']) await get(key)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    expect(await get('b')).toEqual(['b-4', 'miss'])
  })

  it('forgets the least recently used beyond its bytes', async () => {
    const { get } = setUp({ maxBytes: 2500 })
    for (const key of ['a', 'b', 'a', 'c']) await get(key)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    expect(await get('b')).toEqual(['b-4', 'miss'])
  })

  it('does not keep a token larger than all it may hold', async () => {
    const { get } = setUp({ maxBytes: 2500 })
    await get('a')
    await get('big', 60_000, 2501)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    expect(await get('big', 60_000, 2501)).toEqual(['big-3', 'miss'])
  })
})
