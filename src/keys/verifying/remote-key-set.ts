import type { Environment } from '../../environment.ts'
import { CountersignError } from '../../errors.ts'
import { ALGORITHM_NAMES, algorithm as specOf } from '../algorithms.ts'
import { createKeySet, type KeySet } from './key-set.ts'
import type { KeyHint, VerifyingKeys } from './verifying-keys.ts'

/** The keys of a JWK set elsewhere. */
export interface RemoteKeySet extends VerifyingKeys {
  /** Begins the first fetch; how it ends shows when a key is asked for. */
  prefetch(): void
}

/** When a JWK set is fetched, and how long it is used; in milliseconds. */
export interface KeySetTimes {
  /** Age from which it is fetched again. */
  readonly refresh: number
  /** How long after that the last good one is used while the issuer is away (RFC 5861 section 4). */
  readonly maxStale: number
  /** Least time between two fetches for unknown key ids. */
  readonly cooldown: number
}

/** What surrounds one set. */
export interface RemoteKeySetOptions extends KeySetTimes, Pick<Environment, 'monotonic'> {
  /** Gives the members of the set; rejects when they cannot be had. */
  fetchMembers(): Promise<readonly unknown[]>
  /** Receives how each fetch ended; must not throw. */
  onFetch(outcome: FetchOutcome): void
}

/** How the fetch of a JWK set ended. */
export interface FetchOutcome {
  /** Why it failed; absent when it did not. */
  readonly error?: CountersignError
  /** Milliseconds for which the last good set may still be used; 0 when there is none. */
  readonly usableFor: number
  /** How many fetches have failed since the last good one, or until this one that is good. */
  readonly failures: number
}

/** Milliseconds after a failure for which nothing is asked, whoever waits. */
const PAUSE = 5000
/** Milliseconds after a failure for which nobody waits for the next fetch while the old set may be used. */
const PATIENCE = 30_000

// A secret has no place in a set that others can fetch.
const ALGORITHMS = ALGORITHM_NAMES.filter((name) => specOf(name).family !== 'HMAC')

/**
 * Creates a set that is fetched by one flight at a time. While it is older than `refresh` it is replaced in the
 * background; from twice that age on, who asks for a key waits for the fetch, so that a key that was withdrawn during
 * an idle time is not taken. When that fails the old set is used, for `maxStale` at most. For a `kid` that it does not
 * know it is fetched again, once in `cooldown`; only tokens with an unknown `kid` wait for that. An answer that is no
 * set changes nothing.
 */
export function createRemoteKeySet(options: RemoteKeySetOptions): RemoteKeySet {
  const { refresh, maxStale, cooldown, monotonic, fetchMembers, onFetch } = options
  let good: { readonly keys: KeySet; readonly since: number } | undefined
  let flight: Promise<void> | undefined
  let failure: { readonly error: CountersignError; readonly at: number } | undefined
  let failures = 0
  let soughtAt = Number.NEGATIVE_INFINITY

  return {
    find(hint) {
      if (age() > refresh && !hasFailedWithin(PAUSE)) load()
      if (flight !== undefined && (usable() === undefined || isOutdated())) {
        return flight.then(() => inHand().find(hint))
      }
      const keys = inHand()
      const { kid } = hint
      return kid === undefined || keys.knows(kid) ? keys.find(hint) : seek(hint)
    },
    prefetch: load,
  }

  function seek(hint: KeyHint): ReturnType<VerifyingKeys['find']> {
    if (flight === undefined && !hasFailedWithin(PAUSE) && monotonic() - soughtAt >= cooldown) {
      soughtAt = monotonic()
      load()
    }
    return flight?.then(() => usable()?.find(hint) ?? []) ?? []
  }

  function load(): void {
    flight ??= fetchOnce().finally(() => {
      flight = undefined
    })
  }

  async function fetchOnce(): Promise<void> {
    const since = monotonic()
    const rules = { algorithms: ALGORITHMS, allowWeakKey: false, report: () => undefined }
    try {
      good = { keys: await createKeySet(await fetchMembers(), rules), since }
      onFetch({ usableFor: usableFor(), failures })
      failure = undefined
      failures = 0
    } catch (cause) {
      const error = new CountersignError('key/unavailable', MESSAGE, {}, { cause })
      failure = { error, at: monotonic() }
      failures += 1
      onFetch({ error, usableFor: usableFor(), failures })
    }
  }

  function age(): number {
    return good === undefined ? Number.POSITIVE_INFINITY : monotonic() - good.since
  }

  function usableFor(): number {
    return Math.max(0, refresh + maxStale - age())
  }

  function usable(): KeySet | undefined {
    return age() <= refresh + maxStale ? good?.keys : undefined
  }

  function inHand(): KeySet {
    const keys = usable()
    if (keys !== undefined) return keys
    throw failure?.error ?? new CountersignError('key/unavailable', MESSAGE)
  }

  function isOutdated(): boolean {
    return age() > 2 * refresh && !hasFailedWithin(PATIENCE)
  }

  function hasFailedWithin(time: number): boolean {
    return failure !== undefined && monotonic() - failure.at < time
  }
}

const MESSAGE = 'expected the JWK set of the issuer'
