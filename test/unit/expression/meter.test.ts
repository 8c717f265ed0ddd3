import { describe, expect, it } from 'vitest'
import { GUARDS, type Guard } from '../../../src/expression/guards.ts'
import { LIMITS, type Limits } from '../../../src/expression/limits.ts'
import { createMeter, type Meter } from '../../../src/expression/meter.ts'

/** How many steps `use` takes, to a tenth: the most of which it does not ask for more. */
function stepsOf(use: (meter: Meter) => void): number {
  const isWithin = (steps: number) => {
    try {
      use(createMeter({ ...LIMITS, steps }))
      return true
    } catch {
      return false
    }
  }
  let [low, high] = [0, 1e6]
  while (high - low > 0.01) {
    const middle = (low + high) / 2
    if (isWithin(middle)) high = middle
    else low = middle
  }
  return Math.round(high * 10) / 10
}

const guardOf = (name: string) => GUARDS[name] as Guard

const limited = (limits: Partial<Limits>) => createMeter({ ...LIMITS, ...limits })

describe('a meter', () => {
  it.each<[unknown, number, number]>([
    [undefined, 1, 1.3],
    [null, 1, 1.3],
    [7, 1, 1.3],
    ['x'.repeat(64), 1.1, 2.3],
    [Array(63).fill(1), 2, 17],
    [{ a: 1, b: { c: 2 } }, 1.1, 2.8],
    [[[[1]]], 1.1, 2],
  ])('charges for touching %j less than for walking it', (value, touched, walked) => {
    expect(stepsOf((meter) => meter.touch(value))).toBeCloseTo(touched, 1)
    expect(stepsOf((meter) => meter.walk(value))).toBeCloseTo(walked, 1)
  })

  it('stops at its last step', () => {
    const meter = limited({ steps: 2 })
    meter.charge(1)
    meter.charge(1)
    expect(() => meter.charge(0.1)).toThrow(
      expect.objectContaining({
        code: 'expr/limit',
        message: 'expected an expression within 2 steps',
      }),
    )
  })

  it('lets strings be as long as the limit', () => {
    const meter = limited({ text: 3 })
    meter.text(3)
    expect(() => meter.text(4)).toThrow('expected an expression within 3 characters in a string')
  })

  it('lets values be as large and deep as the limits', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    const meter = limited({ nodes: 10 })
    meter.touch(Array(9).fill(1))
    expect(() => meter.touch(Array(10).fill(1))).toThrow('within 10 nodes in a value')
    expect(() => meter.touch({ a: 1, b: 2, c: 3, d: 4, e: 5 })).toThrow('10 nodes in a value')
    limited({}).touch(nested(500))
    expect(() => limited({}).touch(nested(501))).toThrow('within 500 levels in a value')
  })

  it('finds what is no plain data whenever it makes text, also in what it knows', () => {
    const value = { list: Array(20).fill({ when: new Date(0) }) }
    const meter = limited({})
    meter.touch(value)
    for (const part of [value, value.list, value.list[0], new Date(0)]) {
      expect(() => meter.walk(part)).toThrow('expected plain data to make text of')
    }
    meter.walk([Object.create(null), {}, [], 'text', null])
    meter.walk({ _jsonata_lambda: true, implementation: () => 1 })
    expect(() => meter.walk({ _jsonata_lambda: true })).toThrow('expected plain data')
  })
})

describe('a function is charged, before it runs, for', () => {
  const call = (name: string, ...values: unknown[]) =>
    stepsOf((meter) => {
      guardOf(name)(values, meter)
    })

  it.each<[string, unknown[], number]>([
    ['distinct', [Array(10).fill(1)], 11],
    ['sort', [Array(100).fill(1)], 105],
    ['spread', [Array(20).fill(1)], 21],
    ['distinct', ['text'], 0],
    ['string', [Array(63).fill(1)], 17],
    ['clone', [Array(63).fill(1)], 17],
    ['clone', [1, Array(63).fill(1)], 1.3],
  ])('the work of %s', (name, values, steps) => {
    expect(call(name, ...values)).toBeCloseTo(steps, 1)
  })

  it.each<[string, unknown[], number]>([
    ['pad', ['ab', 10], 12],
    ['pad', ['ab', -10, 'xyz'], 32],
    ['pad', [undefined, 5, ''], 5],
    ['join', [['a', 'bc', 'd'], '--'], 8],
    ['join', [['a', 'bc']], 3],
    ['join', [['a', 1, 'b'], '-'], 4],
  ])('the text of %s %j', (name, values, length) => {
    const guard = guardOf(name)
    expect(guard(values, limited({ text: length }))).toBe(values)
    expect(() => guard(values, limited({ text: length - 1 }))).toThrow('characters in a string')
  })

  it.each(['formatNumber', 'formatInteger', 'parseInteger', 'toMillis', 'fromMillis'])(
    'the picture of %s',
    (name) => {
      const guard = guardOf(name)
      const values = [1, 'x'.repeat(256)]
      expect(guard(values, limited({}))).toBe(values)
      expect(() => guard([1, 'x'.repeat(257)], limited({}))).toThrow(
        'expected an expression within 256 characters in a picture',
      )
    },
  )

  it('nothing where its arguments are others than it works on', () => {
    const meter = limited({ text: 0 })
    expect(guardOf('join')(['text', '-'], meter)).toEqual(['text', '-'])
    const values = ['text', 'x', 'replacement']
    expect(guardOf('replace')(values, meter)).toBe(values)
    const made = ['text', () => undefined, () => 'x']
    expect(guardOf('replace')(made, meter)).toBe(made)
  })

  it('every replacement that a pattern finds', async () => {
    const found = (left: number): object | undefined =>
      left === 0 ? undefined : { match: 'a', next: () => found(left - 1) }
    const values = ['aaa', () => found(3), 'xy', 7]
    const counted = async (text: number) => {
      const [subject, pattern, ...rest] = guardOf('replace')(values, limited({ text })) as [
        string,
        (text: string) => Promise<{ match: string; next(): Promise<unknown> } | undefined>,
      ]
      expect([subject, ...rest]).toEqual(['aaa', 'xy', 7])
      const matches: string[] = []
      let match = await pattern(subject)
      while (match) {
        matches.push(match.match)
        match = (await match.next()) as typeof match
      }
      return matches
    }
    expect(await counted(6)).toEqual(['a', 'a', 'a'])
    await expect(counted(5)).rejects.toThrow('within 5 characters in a string')
  })
})
