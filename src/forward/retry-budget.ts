/** Bounds how many requests are sent a second time. */
export interface RetryBudget {
  /** Notes a request that is sent for the first time. */
  deposit(): void
  /** True when one may be sent again. */
  withdraw(): boolean
}

/** Second attempts per request, in the long run. */
const SHARE = 0.2
/** Second attempts that are allowed at first, and that can be saved up. */
const FIRST = 10
const MOST = 100

/** Creates a budget of one in five requests. */
export function createRetryBudget(): RetryBudget {
  let saved = FIRST
  return {
    deposit() {
      if (saved < MOST) saved += SHARE
    },
    withdraw() {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}
