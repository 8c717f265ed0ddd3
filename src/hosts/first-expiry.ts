import type { Decision } from '../decision.ts'

/** NumericDate from which not all of what was put on a request is good any more; infinite when nothing expires. */
export function firstExpiry(results: Decision['results']): number {
  return Math.min(...results.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY))
}
