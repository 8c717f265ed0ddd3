import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createFlood, LINES_A_SECOND } from '../../../src/log/flood.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('T125 lets a number of lines of each kind through in a second, and tells how many it left out', () => {
  const told: [string, number][] = []
  const flood = createFlood((kind, lines) => told.push([kind, lines]))
  const admitted = (kind: string, lines: number) =>
    Array.from({ length: lines }, () => flood.admits(kind)).filter(Boolean).length
  expect(admitted('internal', 10_000)).toBe(LINES_A_SECOND)
  expect(admitted('overload', 3)).toBe(3)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1000)
  expect(told).toEqual([['internal', 10_000 - LINES_A_SECOND]])
  expect(admitted('internal', 1)).toBe(1)
  vi.advanceTimersByTime(5000)
  expect(told).toHaveLength(1)
})
