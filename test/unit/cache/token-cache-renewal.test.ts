import { describe, expect, it } from 'vitest'
import type { CacheSettings } from '../../../src/cache/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { cacheUnderTest, type Token } from './cache-under-test.ts'

/** Usable for 95 s of its 100, fresh as long unless the ttl says less, renewed from 76 s on. */
function setUp(settings: CacheSettings = {}) {
  const clock = fixedEnvironment()
  const { get, ...rest } = cacheUnderTest(settings, clock)
  /** Lets so many seconds go by, then gets the one key of these tests. */
  async function later(seconds: number, token?: Token) {
    clock.advance(seconds * 1000)
    const answer = await get('a', token)
    await rest.settled()
    return answer
  }
  return { clock, get, later, ...rest }
}

describe('a token in use', () => {
  it('is renewed in the background, and no request waits', async () => {
    const { clock, later, now, settled } = setUp()
    await later(0)
    expect(await later(75.999)).toEqual(['a-1', 'hit'])
    clock.advance(1)
    expect(now('a')).toEqual(['a-1', 'hit'])
    await settled()
    expect(now('a')).toEqual(['a-2', 'hit'])
  })

  it('is renewed once by a thousand requests', async () => {
    const { clock, later, now, settled, tries } = setUp()
    await later(0)
    clock.advance(80_000)
    for (let request = 0; request < 1000; request += 1) expect(now('a')).toEqual(['a-1', 'hit'])
    await settled()
    expect(tries()).toBe(2)
  })

  it('is not renewed ahead of its end with refreshAhead 0', async () => {
    const { later, tries } = setUp({ refreshAhead: 0 })
    await later(0)
    await later(94)
    expect(tries()).toBe(1)
  })

  it('is not renewed before another may be made', async () => {
    const { later, tries } = setUp()
    await later(0, { window: 90 })
    await later(89)
    expect(tries()).toBe(1)
    await later(1)
    expect(tries()).toBe(2)
  })

  it('is renewed in the flight that requests wait for when it ends meanwhile', async () => {
    const { clock, later, get, hold, tries } = setUp()
    await later(0)
    const release = hold()
    await later(80)
    clock.advance(15_000)
    const waiter = get('a')
    release()
    expect(await waiter).toEqual(['a-2', 'shared'])
    expect(tries()).toBe(2)
  })

  it('is not renewed in the background by a closed cache, which still makes tokens', async () => {
    const { later, cache, tries } = setUp()
    await later(0)
    cache.close()
    expect(await later(90)).toEqual(['a-1', 'hit'])
    expect(tries()).toBe(1)
    expect(await later(5)).toEqual(['a-2', 'miss'])
  })
})

describe('a token whose renewal fails', () => {
  it('is given out while it is fresh, and each failure is told', async () => {
    const { later, setBroken, failures } = setUp()
    await later(0)
    setBroken(true)
    expect(await later(80)).toEqual(['a-1', 'hit'])
    expect(failures).toEqual([{ code: 'key/unavailable', servedFor: 15 }])
    expect(await later(1)).toEqual(['a-1', 'hit'])
    expect(failures.slice(1)).toEqual([{ code: 'key/unavailable', servedFor: 14 }])
  })

  it('is given out to the last moment, then requests fail', async () => {
    const { later, setBroken } = setUp({ ttl: 30, refreshAhead: 0 })
    await later(0)
    setBroken(true)
    expect(await later(30)).toEqual(['a-1', 'stale'])
    expect(await later(64.999)).toEqual(['a-1', 'stale'])
    expect(await errorCode(() => later(0.001))).toBe('key/unavailable')
    setBroken(false)
    expect(await later(0)).toEqual(['a-5', 'miss'])
  })

  it('is given out to all who wait for another, and the failure is told once', async () => {
    const { clock, later, get, setBroken, failures } = setUp({ ttl: 30, refreshAhead: 0 })
    await later(0)
    setBroken(true)
    clock.advance(30_000)
    const answers = await Promise.all(Array.from({ length: 1000 }, () => get('a')))
    expect(new Set(answers.map(String))).toEqual(new Set(['a-1,stale']))
    expect(failures).toEqual([{ code: 'key/unavailable', servedFor: 65 }])
  })

  it('is given out at once between two tries, once it is no longer fresh', async () => {
    const { clock, later, now, setBroken } = setUp({ ttl: 30, refreshAhead: 0 })
    await later(0)
    setBroken(true)
    await later(30)
    clock.advance(999)
    expect(now('a')).toEqual(['a-1', 'stale'])
    clock.advance(1)
    expect(now('a')).toBeInstanceOf(Promise)
  })

  it('is tried again after 1, 2, 4, 8, 16, 30 and 30 seconds', async () => {
    const { later, setBroken, tries } = setUp({ refreshAhead: 200 })
    await later(0, { life: 1000 })
    setBroken(true)
    await later(800)
    for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
      const before = tries()
      await later(pause - 0.001)
      expect(tries()).toBe(before)
      await later(0.001)
      expect(tries()).toBe(before + 1)
    }
  })

  it('is tried again at once after it has ended', async () => {
    const { later, setBroken, tries } = setUp()
    await later(0)
    setBroken(true)
    await later(94)
    expect(await errorCode(() => later(1))).toBe('key/unavailable')
    expect(await errorCode(() => later(0))).toBe('key/unavailable')
    expect(tries()).toBe(4)
  })

  it('is not given out when the clock was set meanwhile', async () => {
    const { clock, later, setBroken, failures } = setUp()
    await later(0)
    setBroken(true)
    clock.setNow(clock.now() - 3_600_000)
    expect(await errorCode(() => later(0))).toBe('key/unavailable')
    expect(failures).toEqual([])
  })

  it('begins its pauses anew after a renewal that succeeds', async () => {
    const { later, setBroken, tries } = setUp()
    await later(0)
    setBroken(true)
    await later(80)
    await later(1)
    setBroken(false)
    await later(2)
    setBroken(true)
    await later(80)
    expect(await later(1)).toEqual(['a-4', 'hit'])
    expect(tries()).toBe(6)
  })

  it('is not tried a second time while a failing try is under way', async () => {
    const { later, hold, setBroken, tries, settled, failures } = setUp()
    await later(0)
    setBroken(true)
    const release = hold()
    await later(80)
    await later(10)
    release()
    await settled()
    expect(tries()).toBe(2)
    expect(failures).toHaveLength(1)
  })
})
