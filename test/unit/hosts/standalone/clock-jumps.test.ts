import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchClockJumps } from '../../../../src/hosts/standalone/clock-jumps.ts'
import type { ObservedEvent } from '../../../../src/observe.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Lets seconds pass, in each of which the wall clock moves by what `wall` says, and gives the jumps told. */
function jumps(seconds: number, wall: (second: number) => number): number[] {
  const events: ObservedEvent[] = []
  const clocks = { at: 1_700_000_000_000, passed: 0 }
  const stop = watchClockJumps({ now: () => clocks.at, monotonic: () => clocks.passed }, (event) =>
    events.push(event),
  )
  for (let second = 1; second <= seconds; second += 1) {
    clocks.at += wall(second)
    clocks.passed += 1000
    vi.advanceTimersByTime(1000)
  }
  stop()
  return events.flatMap((event) => (event.type === 'clock' ? event.jump : []))
}

it.each([3_600_000, -3_600_000, -400 * 24 * 3_600_000, 2001, -2001])(
  'R21 tells once that the wall clock has jumped by %i ms',
  (jump) => {
    expect(jumps(10, (second) => (second === 3 ? 1000 + jump : 1000))).toEqual([jump])
  },
)

it('R21 tells of a clock that stands still, and of one that runs at double speed', () => {
  expect(jumps(6, () => 0)).toEqual([-3000, -3000])
  expect(jumps(6, () => 2000)).toEqual([3000, 3000])
})

it('says nothing of a clock that is corrected by up to 2 s, or ever so slowly', () => {
  expect(jumps(10, (second) => (second === 3 ? 3000 : 1000))).toEqual([])
  expect(jumps(1000, () => 1000.5)).toEqual([])
})
