import type { BreakerEvent, RetryEvent } from '../observe.ts'

/** What the pools of one proxy have in common. */
export interface PoolTools {
  /** A clock that nobody sets, in milliseconds. */
  monotonic(): number
  observe(event: BreakerEvent | RetryEvent): void
}
