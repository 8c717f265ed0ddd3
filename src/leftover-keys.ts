import { isSameKey } from './same-key.ts'
import type { JsonObject } from './types.ts'

/** A public JWK that the files no longer hold, for verifiers that meet what it signed. */
export interface Leftover {
  readonly jwk: JsonObject
  /** On the monotonic clock. */
  readonly until: number
}

/** Most leftovers; past it the oldest go. */
const LEFTOVERS = 100

/** Those of `leftovers`, newest first, that a verifier can tell from each other and from `serving`. */
export function stillPublished(
  leftovers: readonly Leftover[],
  serving: readonly JsonObject[],
  now: number,
): readonly Leftover[] {
  const kept: Leftover[] = []
  for (const leftover of leftovers) {
    const { jwk, until } = leftover
    const newer = [...serving, ...kept.map(({ jwk }) => jwk)].filter(({ kid }) => kid === jwk.kid)
    // Two keys under one kid, or under none, would make verifiers refuse both.
    const isDistinct = typeof jwk.kid === 'string' && newer.every((other) => isSameKey(other, jwk))
    const isNew = !newer.some((other) => other.alg === jwk.alg)
    if (now < until && isDistinct && isNew) kept.push(leftover)
    if (kept.length === LEFTOVERS) break
  }
  return kept
}
