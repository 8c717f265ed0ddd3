import { describe, expect, it } from 'vitest'
import { createBoundedEntries } from '../../../src/cache/bounded-entries.ts'

function setUp(settings: { maxEntries?: number; maxBytes?: number }) {
  const dropped: string[] = []
  const entries = createBoundedEntries<{ name: string; bytes: number }>(settings, ({ name }) =>
    dropped.push(name),
  )
  const set = (key: string, bytes = 100, name = key) => entries.set(key, { name, bytes })
  const kept = () => [...entries.values()].map(({ name }) => name).toSorted()
  return { entries, set, kept, dropped }
}

describe('bounded entries', () => {
  it.each([
    ['number', { maxEntries: 2 }],
    ['bytes', { maxBytes: 250 }],
  ])('let go of the least recently used beyond their %s', (_, settings) => {
    const { entries, set, kept, dropped } = setUp(settings)
    set('a')
    set('b')
    entries.get('a')
    set('c')
    expect(kept()).toEqual(['a', 'c'])
    expect(dropped).toEqual(['b'])
  })

  it('let go of several for a large one', () => {
    const { set, kept } = setUp({ maxBytes: 250 })
    set('a')
    set('b')
    expect(set('c', 250)).toBe(true)
    expect(kept()).toEqual(['c'])
  })

  it('do not keep one that alone is too large, nor what it was to replace', () => {
    const { set, kept, dropped } = setUp({ maxBytes: 250 })
    set('a')
    set('b')
    expect(set('b', 251, 'new b')).toBe(false)
    expect(kept()).toEqual(['a'])
    expect(dropped).toEqual(['b'])
  })

  it('tell of one that was replaced or deleted', () => {
    const { entries, set, kept, dropped } = setUp({})
    set('a', 100, 'old a')
    set('a', 100, 'new a')
    entries.delete('a')
    expect(kept()).toEqual([])
    expect(dropped).toEqual(['old a', 'new a'])
  })

  it('T115 stay within 10,000 and 64 MiB when nothing is written', () => {
    const many = setUp({})
    for (let index = 0; index <= 10_000; index += 1) many.set(String(index))
    expect(many.dropped).toEqual(['0'])
    const large = setUp({})
    for (const key of ['a', 'b']) large.set(key, 32 * 1024 * 1024)
    expect(large.dropped).toEqual([])
    large.set('c', 1)
    expect(large.dropped).toEqual(['a'])
  })
})
