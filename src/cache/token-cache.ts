import { LRUCache } from 'lru-cache'

/** A cached token and the time it may be used in, in milliseconds of the wall clock. */
export interface CacheEntry<T> {
  readonly value: T
  /** Size for the byte bound; at least 1. */
  readonly bytes: number
  readonly issuedAt: number
  readonly usableUntil: number
}

/** How a token was had: from the cache, by signing, or by waiting for a signature already under way. */
export type CacheResult = 'hit' | 'miss' | 'shared'

/** A value and how it was had. */
export type Cached<T> = readonly [value: T, result: CacheResult]

/** Bounds of one cache. */
export interface CacheOptions {
  /** Default 10,000 entries. */
  readonly maxEntries?: number
  /** Default 64 MiB. */
  readonly maxBytes?: number
  /** Wall clock in milliseconds since the epoch. */
  now(): number
}

/** Tokens by digest of everything that decides them. */
export interface TokenCache<T> {
  /**
   * The value for `key`: at once when there is one that may be used, else from `fill`. One flight per key at
   * a time: who comes meanwhile gets its result or its error; an error is not remembered.
   */
  get(key: string, fill: () => Promise<CacheEntry<T>>): Cached<T> | Promise<Cached<T>>
}

/** A wall clock this far before the time of issue has been set back, and says nothing about expiry any more. */
const TOLERATED_STEP = 2000

/** Creates a cache bounded in entries and bytes, least recently used first. */
export function createTokenCache<T>(options: CacheOptions): TokenCache<T> {
  const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, now } = options
  // its own bound on entries would allocate for all of them at once, in every policy
  const entries = new LRUCache<string, CacheEntry<T>>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => bytes,
  })
  const flights = new Map<string, Promise<CacheEntry<T>>>()

  function usable({ issuedAt, usableUntil }: CacheEntry<T>): boolean {
    const time = now()
    return time < usableUntil && time >= issuedAt - TOLERATED_STEP
  }

  async function fly(fill: () => Promise<CacheEntry<T>>, key: string): Promise<CacheEntry<T>> {
    const entry = await fill()
    entries.set(key, entry)
    if (entries.size > maxEntries) entries.pop()
    return entry
  }

  async function wait(key: string, fill: () => Promise<CacheEntry<T>>): Promise<Cached<T>> {
    const underWay = flights.get(key)
    if (underWay) return [(await underWay).value, 'shared']
    const flight = fly(fill, key)
    flights.set(key, flight)
    try {
      return [(await flight).value, 'miss']
    } finally {
      flights.delete(key)
    }
  }

  return {
    get(key, fill) {
      const cached = entries.get(key)
      return cached && usable(cached) ? [cached.value, 'hit'] : wait(key, fill)
    },
  }
}
