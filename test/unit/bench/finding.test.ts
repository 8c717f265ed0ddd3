import { expect, it } from 'vitest'
import { atLeast, atMost, isMet } from '../../../bench/finding.ts'

it.each([
  ['at the limit', atMost(1, 'cost', 0.3, 0.3), true],
  ['above what is allowed', atMost(1, 'cost', 0.3, 0.31), false],
  ['at the floor', atLeast(8, 'gain', 1.8, 1.8), true],
  ['below the floor', atLeast(8, 'gain', 1.8, 1.79), false],
  ['not measured', atMost(1, 'cost', 0.3, Number.NaN), false],
  ['not measured against a floor', atLeast(8, 'gain', 1.8, Number.NaN), false],
])('a target whose figure is %s: met %#', (_what, finding, met) => {
  expect(isMet(finding)).toBe(met)
})
