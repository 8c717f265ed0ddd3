import { describe, expect, it } from 'vitest'
import type { CacheSettings } from '../../../src/cache/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { cacheUnderTest } from './cache-under-test.ts'

const HOUR = 3_600_000

function setUp(settings: CacheSettings = { refreshAhead: 0 }) {
  const clock = fixedEnvironment()
  return { clock, ...cacheUnderTest(settings, clock) }
}

describe('a token cache', () => {
  it('T112 gives the same token until shortly before it expires, then another', async () => {
    const { clock, get } = setUp()
    expect(await get('a')).toEqual(['a-1', 'miss'])
    clock.advance(94_999)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    clock.advance(1)
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it('gives another token after its ttl', async () => {
    const { clock, get } = setUp({ ttl: 30, refreshAhead: 0 })
    await get('a')
    clock.advance(29_999)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    clock.advance(1)
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it('makes no other token within a window, whatever the ttl', async () => {
    const { clock, get } = setUp({ ttl: 30, refreshAhead: 0 })
    await get('a', { window: 60 })
    clock.advance(59_999)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    clock.advance(1)
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it('refuses to keep what nothing would ever end', async () => {
    await expect(setUp().get('a', { life: null })).rejects.toThrow(TypeError)
  })

  it('needs no promise for a token that it has', async () => {
    const { get, now } = setUp()
    await get('a')
    expect(now('a')).toEqual(['a-1', 'hit'])
  })

  it('keeps keys apart', async () => {
    const { get } = setUp()
    await get('a')
    expect(await get('b')).toEqual(['b-2', 'miss'])
    expect(await get('a')).toEqual(['a-1', 'hit'])
  })

  it.each([-HOUR, HOUR, -2001, 2001])(
    'T112 makes another after the clock was set %d ms on',
    async (step) => {
      const { clock, get } = setUp()
      await get('a', { life: 86_400 })
      clock.setNow(clock.now() + step)
      expect(await get('a', { life: 86_400 })).toEqual(['a-2', 'miss'])
      expect(await get('a')).toEqual(['a-2', 'hit'])
      clock.setNow(clock.now() - step)
      expect(await get('a')).toEqual(['a-3', 'miss'])
    },
  )

  it('makes another after the clock stood still', async () => {
    const { clock, get } = setUp()
    await get('a')
    const before = clock.now()
    clock.advance(60_000)
    clock.setNow(before)
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it.each([-2000, 2000])('bears a clock that is corrected by %d ms', async (step) => {
    const { clock, get } = setUp()
    await get('a')
    clock.setNow(clock.now() + step)
    expect(await get('a')).toEqual(['a-1', 'hit'])
  })

  it('does not use a token longer for a clock that is corrected back', async () => {
    const { clock, get } = setUp()
    await get('a')
    clock.setNow(clock.now() - 2000)
    clock.advance(95_000)
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it('makes another when the clock was set while a token was made', async () => {
    const { clock, get, hold } = setUp()
    const release = hold()
    const first = get('a')
    clock.setNow(clock.now() + HOUR)
    release()
    expect(await first).toEqual(['a-1', 'miss'])
    expect(await get('a')).toEqual(['a-2', 'miss'])
  })

  it('gives what expires at once to those who wait for it, and to nobody else', async () => {
    const { get } = setUp()
    expect(await Promise.all([get('a', { life: 0 }), get('a')])).toEqual([
      ['a-1', 'miss'],
      ['a-1', 'shared'],
    ])
    expect(await get('a', { life: 0 })).toEqual(['a-2', 'miss'])
  })

  it('T114 fails together who waits together, and tries again for the next', async () => {
    const { get, tries, setBroken, failures } = setUp()
    setBroken(true)
    const waiters = Array.from({ length: 1000 }, () => errorCode(() => get('a')))
    expect(new Set(await Promise.all(waiters))).toEqual(new Set(['key/unavailable']))
    expect(tries()).toBe(1)
    setBroken(false)
    expect(await get('a')).toEqual(['a-2', 'miss'])
    expect(failures).toEqual([])
  })

  it('fails like the making that throws at once', async () => {
    const { cache, get } = setUp()
    const run = cache.get('a', () => {
      throw new Error('no key')
    })
    await expect(run).rejects.toThrow('no key')
    expect(await get('a')).toEqual(['a-1', 'miss'])
  })

  it.each([
    ['entries', { maxEntries: 2 }],
    ['bytes', { maxBytes: 2500 }],
  ])('T115 forgets the least recently used beyond its %s', async (_, settings) => {
    const { get } = setUp(settings)
    for (const key of ['a', 'b', 'a', 'c']) await get(key)
    expect(await get('a')).toEqual(['a-1', 'hit'])
    expect(await get('b')).toEqual(['b-4', 'miss'])
  })

  it('gives a token larger than all it may hold, and does not keep it', async () => {
    const { get } = setUp({ maxBytes: 2500 })
    await get('a')
    expect(await get('big', { bytes: 2501 })).toEqual(['big-2', 'miss'])
    expect(await get('a')).toEqual(['a-1', 'hit'])
    expect(await get('big', { bytes: 2501 })).toEqual(['big-3', 'miss'])
  })
})
