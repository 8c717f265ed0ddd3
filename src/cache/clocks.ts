import { type Environment, TOLERATED_STEP } from '../environment.ts'

/** Both clocks at one moment, in milliseconds. */
export interface Instant {
  readonly wall: number
  readonly monotonic: number
}

type Clocks = Pick<Environment, 'now' | 'monotonic'>

/** This moment by both clocks. */
export function instant(clocks: Clocks): Instant {
  return { wall: clocks.now(), monotonic: clocks.monotonic() }
}

/**
 * The wall-clock time for something made at `since`, by the clock that went further since: a small step back
 * prolongs nothing. Infinite, so past every end, when one of the clocks was set or stood still meanwhile.
 */
export function timeSince(since: Instant, clocks: Clocks): number {
  const wall = clocks.now() - since.wall
  const monotonic = clocks.monotonic() - since.monotonic
  if (Math.abs(wall - monotonic) > TOLERATED_STEP) return Number.POSITIVE_INFINITY
  return since.wall + Math.max(wall, monotonic)
}
