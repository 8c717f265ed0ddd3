import type { CacheSettings } from './cache-settings.ts'

/** What a token has left when it is given out for the last time: a share of its life, at most so many milliseconds. */
export const MARGIN = { share: 0.1, most: 5000 } as const

/** How long before its end a token is renewed: a share of its time in the cache, at most so many milliseconds. */
export const AHEAD = { share: 0.2, most: 60_000 } as const

/** What bounds a token by itself, in milliseconds of the wall clock. */
export interface TokenTimes {
  /** Absent: it does not expire. */
  readonly expiresAt?: number
  /** No other may be made before, and one shall be then. Absent: at any time. */
  readonly renewableAt?: number
}

/** When a cache gives a token out and when it has another made, in milliseconds of the wall clock. */
export interface Lifetime {
  /** From here on it is not given out. */
  readonly usableUntil: number
  /** From here on it is given out only when no other can be made; at most `usableUntil`. */
  readonly freshUntil: number
  /** From here on another is made in the background; infinite when none shall be. */
  readonly renewAt: number
}

/**
 * The lifetime of a token made at `madeAt`; `jitter`, a factor from 1, brings its renewal forward. With
 * `renewableAt` a `ttl` only says how long a token without expiry is usable, should no other be had; no token
 * outlives itself for a `ttl`. Throws a `TypeError` for one without expiry, `ttl` and `renewableAt`: nothing would
 * ever end it.
 */
export function lifetimeOf(
  { expiresAt, renewableAt }: TokenTimes,
  madeAt: number,
  { ttl, refreshAhead }: Pick<CacheSettings, 'ttl' | 'refreshAhead'>,
  jitter: number,
): Lifetime {
  const earliest = renewableAt ?? ANY_TIME
  const keptUntil = ttl === undefined ? earliest : Math.max(madeAt + ttl * 1000, earliest)
  const usableUntil = expiresAt === undefined ? keptUntil : lastUse(expiresAt, madeAt)
  if (usableUntil === ANY_TIME) throw new TypeError('expected an expiry, a ttl or a minReuse')
  const end = renewableAt ?? (keptUntil === ANY_TIME ? usableUntil : keptUntil)
  const freshUntil = Math.min(usableUntil, end)
  const span = freshUntil - madeAt
  const ahead =
    refreshAhead === undefined ? Math.min(span * AHEAD.share, AHEAD.most) : refreshAhead * 1000
  // a long `refreshAhead` must not make every request sign
  const renewAt = Math.max(freshUntil - Math.min(ahead * jitter, span / 2), earliest)
  return {
    usableUntil,
    freshUntil,
    renewAt: refreshAhead === 0 ? Number.POSITIVE_INFINITY : renewAt,
  }
}

const ANY_TIME = Number.NEGATIVE_INFINITY

function lastUse(expiresAt: number, madeAt: number): number {
  const life = Math.max(expiresAt - madeAt, 0)
  return expiresAt - Math.min(life * MARGIN.share, MARGIN.most)
}
