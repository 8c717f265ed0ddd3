import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CacheSettings, createTokenCache } from '../../../src/cache/index.ts'
import { errorCode } from '../../support/error-code.ts'
import { cacheUnderTest } from './cache-under-test.ts'

beforeEach(() => {
  behind = 0
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

/** How far the timers are behind the clocks, as when the process was busy. */
let behind = 0

/** The clocks that the timers of a test go by; `vi.setSystemTime` sets the first one alone. */
const clocks = {
  now: () => Date.now() + behind,
  monotonic: () => performance.now() + behind,
  random: (length: number) => new Uint8Array(length),
}

function setUp(settings: CacheSettings = {}) {
  return cacheUnderTest(settings, clocks, true)
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)

describe('a cache that keeps its token fresh', () => {
  it('makes nothing before the first use', async () => {
    const { tries } = setUp()
    await pass(1000)
    expect(tries()).toBe(0)
  })

  it('renews it without any request', async () => {
    const { get, now, tries } = setUp()
    await get('a')
    await pass(75.999)
    expect(tries()).toBe(1)
    await pass(0.001)
    expect(tries()).toBe(2)
    await pass(760)
    expect(now('a')).toEqual(['a-12', 'hit'])
  })

  it('lets no request wait and gives none an expired token, at 200 requests a second for a minute', async () => {
    const cache = createTokenCache<number>({
      environment: clocks,
      keepFresh: true,
      onRenewalFailure: () => undefined,
    })
    /** Signs for 50 ms; its value is its expiry in whole seconds, so that it may live for little more than one. */
    async function make() {
      const expiresAt = (Math.floor(Date.now() / 1000) + 2) * 1000
      await new Promise((resolve) => setTimeout(resolve, 50))
      return { value: expiresAt, bytes: 1, expiresAt }
    }
    await pass(0.9)
    const first = cache.get('', make)
    await pass(0.05)
    expect(await first).toHaveProperty('1', 'miss')
    let hits = 0
    for (let request = 0; request < 12_000; request += 1) {
      await pass(0.005)
      const answer = cache.get('', make)
      if (answer instanceof Promise) continue
      hits += 1
      expect(answer[0]).toBeGreaterThan(Date.now())
    }
    expect(hits).toBe(12_000)
  })

  it('tries again after 1, 2 and 4 seconds when it fails, and tells of each', async () => {
    const { get, now, setBroken, failures } = setUp()
    await get('a')
    setBroken(true)
    await pass(76 + 1 + 2 + 4)
    expect(failures.map(({ servedFor }) => servedFor)).toEqual([19, 18, 16, 12])
    expect(now('a')).toEqual(['a-1', 'hit'])
    setBroken(false)
    await pass(8)
    expect(now('a')).toEqual(['a-6', 'hit'])
  })

  it('gives up when the token has ended, and begins anew with the next request', async () => {
    const { get, setBroken, tries, failures } = setUp()
    await get('a')
    setBroken(true)
    await pass(1000)
    expect(vi.getTimerCount()).toBe(0)
    // at 76, 77, 79, 83 and 91 seconds the token is usable, at 107 no more
    expect(tries()).toBe(7)
    expect(failures).toHaveLength(5)
    expect(await errorCode(() => get('a'))).toBe('key/unavailable')
    setBroken(false)
    expect(await get('a')).toEqual(['a-9', 'miss'])
    await pass(76)
    expect(tries()).toBe(10)
  })

  it('does not spin on a token that expires at once', async () => {
    const { get, tries } = setUp()
    await get('a', { life: 0 })
    await pass(10)
    expect(tries()).toBe(1)
  })

  it('renews nothing ahead with refreshAhead 0', async () => {
    const { get } = setUp({ refreshAhead: 0 })
    await get('a')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on after the clock was set', async () => {
    const { get, now } = setUp()
    await get('a')
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(await get('a')).toEqual(['a-2', 'miss'])
    await pass(76)
    expect(now('a')).toEqual(['a-3', 'hit'])
    vi.setSystemTime(Date.now() - 3_600_000)
    expect(await get('a')).toEqual(['a-4', 'miss'])
    await pass(76)
    expect(now('a')).toEqual(['a-5', 'hit'])
  })

  it('has one timer for a token, however often it is made', async () => {
    const { get } = setUp()
    for (let use = 0; use < 5; use += 1) {
      await get('a')
      await pass(60)
      expect(vi.getTimerCount()).toBe(1)
    }
  })

  it.each([
    ['forgotten', { maxEntries: 1 }, 1000],
    ['not kept for its size', { maxBytes: 1000 }, 1001],
  ])('has no timer for a token that was %s', async (_, settings, bytes) => {
    const { get, tries } = setUp(settings)
    await get('a')
    await get('b', { bytes })
    await pass(76)
    expect(tries()).toBe(3)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('has one timer for a token whose renewal failed before its timer came', async () => {
    const { get, setBroken, failures } = setUp()
    await get('a')
    setBroken(true)
    behind = 80_000
    expect(await get('a')).toEqual(['a-1', 'hit'])
    await pass(0)
    expect(failures).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('ends its timers when it is closed', async () => {
    const { get, cache } = setUp()
    await get('a')
    await get('b')
    cache.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('makes no timer for a renewal that was under way when it was closed', async () => {
    const { get, cache, hold, tries } = setUp()
    await get('a')
    const release = hold()
    await pass(76)
    cache.close()
    release()
    await pass(1000)
    expect(tries()).toBe(2)
    expect(await get('a')).toEqual(['a-3', 'miss'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
