import { startAlarm } from '../alarm.ts'
import type { Environment } from '../environment.ts'
import { asCountersignError, type CountersignError } from '../errors.ts'
import { backoff } from './backoff.ts'
import { createBoundedEntries } from './bounded-entries.ts'
import type { CacheSettings } from './cache-settings.ts'
import { type Instant, instant, timeSince } from './clocks.ts'
import { jitter } from './jitter.ts'
import { type Lifetime, lifetimeOf, type TokenTimes } from './lifetime.ts'

/** A token as it was just made. */
export interface Made<T> extends TokenTimes {
  readonly value: T
  /** Size for the byte bound: a whole number, at least 1. */
  readonly bytes: number
}

/**
 * How a token was had: from the cache, by making it, by waiting for one that was being made already, or
 * from the cache because another could not be made.
 */
export type CacheResult = 'hit' | 'miss' | 'shared' | 'stale'

/** A value and how it was had. */
export type Cached<T> = readonly [value: T, result: CacheResult]

/** How a cache behaves, and whom it tells. */
export interface TokenCacheOptions {
  /** Default: as `docs/caching.md` says. */
  readonly settings?: CacheSettings
  readonly environment: Pick<Environment, 'now' | 'monotonic' | 'random'>
  /** Renew by a timer from the first use on, not only when used: for tokens that no request decides. Default false. */
  readonly keepFresh?: boolean
  /** Told of every failed renewal of a token that may still be used, and until when: milliseconds since the epoch. */
  onRenewalFailure(error: CountersignError, servedUntil: number): void
}

/** Tokens by everything that decides them, or a digest of it. */
export interface TokenCache<T> {
  /**
   * The token for `key`: at once while it is fresh, else when `make` has made another. There is one flight a
   * key: who comes meanwhile gets its token or its error, and an error is not remembered. A new token is
   * given to those who wait for it even when it has expired already: the caller checks.
   */
  get(key: string, make: () => Promise<Made<T>>): Cached<T> | Promise<Cached<T>>
  /** Ends renewals in the background; `get` still works. */
  close(): void
}

interface Entry<T> extends Lifetime {
  readonly value: T
  readonly bytes: number
  readonly madeAt: Instant
  /** Failed renewals in a row. */
  failures: number
  /** No renewal before, by the monotonic clock, while it is usable. */
  retryAt: number
  endAlarm?: () => void
}

const ANY_TIME = Number.NEGATIVE_INFINITY

/** Creates a cache bounded in entries and bytes, least recently used first. Until it is used it takes no room. */
export function createTokenCache<T>(options: TokenCacheOptions): TokenCache<T> {
  let cache: TokenCache<T> | undefined
  let isClosed = false
  const open = () => {
    cache = openTokenCache<T>(options)
    if (isClosed) cache.close()
    return cache
  }
  return {
    get: (key, make) => (cache ?? open()).get(key, make),
    close() {
      isClosed = true
      cache?.close()
    },
  }
}

function openTokenCache<T>(options: TokenCacheOptions): TokenCache<T> {
  const { settings = {}, environment, keepFresh = false } = options
  const entries = createBoundedEntries<Entry<T>>(settings, ({ endAlarm }) => endAlarm?.())
  const flights = new Map<string, Promise<Entry<T>>>()
  let isClosed = false

  function fly(key: string, make: () => Promise<Made<T>>): Promise<Entry<T>> {
    const flight = renew(key, make).finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }

  async function renew(key: string, make: () => Promise<Made<T>>): Promise<Entry<T>> {
    const madeAt = instant(environment)
    try {
      const made = await make()
      const lifetime = lifetimeOf(made, madeAt.wall, settings, jitter(environment))
      const { value, bytes } = made
      const entry: Entry<T> = { ...lifetime, value, bytes, madeAt, failures: 0, retryAt: ANY_TIME }
      if (entries.set(key, entry) && isUsable(entry)) schedule(key, entry, make)
      return entry
    } catch (error) {
      const old = entries.get(key)
      if (old && isUsable(old)) {
        old.failures += 1
        old.retryAt = environment.monotonic() + backoff(old.failures, jitter(environment))
        options.onRenewalFailure(asCountersignError(error), old.usableUntil)
        schedule(key, old, make)
      } else {
        entries.delete(key)
      }
      throw error
    }
  }

  async function wait(key: string, make: () => Promise<Made<T>>): Promise<Cached<T>> {
    const underWay = flights.get(key)
    try {
      const { value } = await (underWay ?? fly(key, make))
      return [value, underWay ? 'shared' : 'miss']
    } catch (error) {
      // a flight that failed has left what is still usable, and nothing else
      const old = entries.get(key)
      if (old) return [old.value, 'stale']
      throw error
    }
  }

  function isUsable({ madeAt, usableUntil }: Entry<T>): boolean {
    return timeSince(madeAt, environment) < usableUntil
  }

  function renewBehind(key: string, make: () => Promise<Made<T>>): void {
    // who could be told of the failure has been told
    if (!isClosed && !flights.has(key)) fly(key, make).catch(() => undefined)
  }

  function schedule(key: string, entry: Entry<T>, make: () => Promise<Made<T>>): void {
    const { madeAt, renewAt, endAlarm } = entry
    endAlarm?.()
    if (!keepFresh || isClosed || renewAt === Number.POSITIVE_INFINITY) return
    const dueIn = () =>
      Math.max(renewAt - timeSince(madeAt, environment), entry.retryAt - environment.monotonic())
    entry.endAlarm = startAlarm(dueIn, () => renewBehind(key, make))
  }

  return {
    get(key, make) {
      const entry = entries.get(key)
      if (!entry) return wait(key, make)
      const time = timeSince(entry.madeAt, environment)
      const isFresh = time < entry.freshUntil
      if (isFresh && time < entry.renewAt) return [entry.value, 'hit']
      const isPausing = environment.monotonic() < entry.retryAt
      if (isFresh) {
        if (!isPausing) renewBehind(key, make)
        return [entry.value, 'hit']
      }
      return isPausing && time < entry.usableUntil ? [entry.value, 'stale'] : wait(key, make)
    },
    close() {
      isClosed = true
      for (const { endAlarm } of entries.values()) endAlarm?.()
    },
  }
}
