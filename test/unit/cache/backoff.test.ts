import { expect, it } from 'vitest'
import { backoff } from '../../../src/cache/backoff.ts'

it.each([
  [1, 1, 1000],
  [2, 1, 2000],
  [3, 1, 4000],
  [5, 1, 16_000],
  [6, 1, 30_000],
  [5000, 1, 30_000],
  [1, 1.25, 1250],
  [6, 1.25, 37_500],
])('after %d failures, spread by %d, nothing is tried for %d ms', (failures, jitter, pause) => {
  expect(backoff(failures, jitter)).toBe(pause)
})
