import { describe, expect, it } from 'vitest'
import { median, spread } from '../../../bench/median.ts'

describe('a median', () => {
  it.each([
    ['one value', [7], 7],
    ['an odd number, in any order', [30, 10, 20], 20],
    ['an even number: the mean of both in the middle', [4, 1, 3, 2], 2.5],
    ['numbers that sort otherwise as text', [9, 10, 100], 10],
    ['none', [], Number.NaN],
  ])('is taken of %s', (_what, values, expected) => {
    expect(median(values)).toBe(expected)
  })

  it('leaves its values in their order', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

it('a spread goes from the least to the greatest', () => {
  expect(spread([3, 1, 2])).toEqual([1, 3])
})
