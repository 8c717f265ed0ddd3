import { describe, expect, it } from 'vitest'
import { instant, timeSince } from '../../../src/cache/clocks.ts'
import { fixedEnvironment } from '../../support/clock.ts'

const HOUR = 3_600_000

/** The time since an instant, as milliseconds after it, when `passed` went by and the wall clock was set by `step`. */
function elapsed(passed: number, step: number): number {
  const clock = fixedEnvironment()
  const since = instant(clock)
  clock.advance(passed)
  clock.setNow(clock.now() + step)
  return timeSince(since, clock) - since.wall
}

describe('the time since an instant', () => {
  it.each([
    ['of the clocks when they agree', 5000, 0, 5000],
    ['of the wall clock when it was corrected forward', 5000, 2000, 7000],
    ['of the other clock when the wall clock was corrected back', 5000, -2000, 5000],
    ['past every end when the wall clock was set forward', 5000, 2001, Infinity],
    ['past every end when the wall clock was set back', 5000, -2001, Infinity],
    ['past every end when the wall clock was set by an hour', 0, HOUR, Infinity],
    ['past every end when the wall clock stood still', HOUR, -HOUR, Infinity],
  ])('is that %s', (_, passed, step, expected) => {
    expect(elapsed(passed, step)).toBe(expected)
  })
})
