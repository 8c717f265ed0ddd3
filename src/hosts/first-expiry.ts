import type { Decision } from '../decision.ts'

/** NumericDate from which not all of what was put on a request is good any more; infinite when nothing expires. */
export function firstExpiry(results: Decision['results']): number {
  let first = Number.POSITIVE_INFINITY
  for (const { expiresAt = first } of results) first = Math.min(first, expiresAt)
  return first
}
