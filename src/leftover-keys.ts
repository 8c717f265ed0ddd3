import { isSameKey } from './same-key.ts'
import type { JsonObject } from './types.ts'

/** A public JWK that the files no longer hold, for verifiers that meet what it signed. */
interface Leftover {
  readonly jwk: JsonObject
  /** On the monotonic clock. */
  readonly until: number
}

/** The public keys that verifiers are told of. */
export interface PublishedKeys {
  /** Those that serve, and those replaced less than their overlap ago. */
  now(): readonly JsonObject[]
  /** Other keys serve from now on; those before stay for `overlap` milliseconds. */
  replace(next: readonly JsonObject[], overlap: number): void
}

/** Publishes `first`, until others take their place. */
export function createPublishedKeys(
  first: readonly JsonObject[],
  monotonic: () => number,
): PublishedKeys {
  let serving = first
  let leftovers: readonly Leftover[] = []
  return {
    now() {
      const now = monotonic()
      return [...serving, ...leftovers.filter(({ until }) => now < until).map(({ jwk }) => jwk)]
    },
    replace(next, overlap) {
      const until = monotonic() + overlap
      const left = serving.map((jwk) => ({ jwk, until }))
      leftovers = stillPublished([...left, ...leftovers], next, monotonic())
      serving = next
    },
  }
}

/** Most leftovers; past it the oldest go. */
const LEFTOVERS = 100

/** Those of `leftovers`, newest first, that a verifier can tell from each other and from `serving`. */
function stillPublished(
  leftovers: readonly Leftover[],
  serving: readonly JsonObject[],
  now: number,
): readonly Leftover[] {
  const kept: Leftover[] = []
  const newer = new Map<unknown, JsonObject[]>()
  for (const jwk of serving) note(jwk)
  for (const leftover of leftovers) {
    const { jwk, until } = leftover
    const others = newer.get(jwk.kid) ?? []
    // Two keys under one kid, or under none, would make verifiers refuse both.
    const isDistinct = typeof jwk.kid === 'string' && others.every((other) => isSameKey(other, jwk))
    const isNew = !others.some((other) => other.alg === jwk.alg)
    if (now < until && isDistinct && isNew) {
      kept.push(leftover)
      note(jwk)
    }
    if (kept.length === LEFTOVERS) break
  }
  return kept

  /** One key may stand in thousands of policies. */
  function note(jwk: JsonObject): void {
    const others = newer.get(jwk.kid)
    if (!others) newer.set(jwk.kid, [jwk])
    else if (!others.some((other) => other.alg === jwk.alg && isSameKey(other, jwk)))
      others.push(jwk)
  }
}
