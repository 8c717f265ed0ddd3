/** Milliseconds without another try after the first failure, and after many. */
export const BACKOFF = { first: 1000, most: 30_000 } as const

/** Milliseconds in which nothing is tried after so many failures in a row; `jitter` is a factor from 1. */
export function backoff(failures: number, jitter: number): number {
  return Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.most) * jitter
}
