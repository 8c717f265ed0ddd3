import type { Environment } from '../../environment.ts'
import { type FetchOptions, fetchKeySet } from './fetch-key-set.ts'
import {
  createRemoteKeySet,
  type FetchOutcome,
  type KeySetTimes,
  type RemoteKeySet,
} from './remote-key-set.ts'
import type { VerifyingKeys } from './verifying-keys.ts'

/** Where a JWK set is, and when it is fetched. */
export interface KeySetOptions extends FetchOptions, KeySetTimes {}

/** JWK sets that are fetched; one per URL and options, over every reading of the files. */
export interface KeySets {
  /** The keys of a set whose URL was checked; the first fetch begins in the background. */
  get(options: KeySetOptions): VerifyingKeys
}

/** What surrounds the sets of a process. */
export interface KeySetSurroundings {
  readonly environment: Pick<Environment, 'monotonic'>
  /** Receives how each fetch of a set ended; must not throw. `url` is origin and path of its URL. */
  readonly onFetch?: (outcome: FetchOutcome & { readonly url: string }) => void
  /** false: nothing is fetched before a token needs it. Default true. */
  readonly prefetch?: boolean
}

/** Sets that are found again. One beyond serves its authenticator as well, and is gone with it. */
const KEPT = 64

/** Creates an empty collection. */
export function createKeySets(surroundings: KeySetSurroundings): KeySets {
  const { environment, onFetch = () => undefined, prefetch = true } = surroundings
  const sets = new Map<string, VerifyingKeys>()
  return {
    get(options) {
      const name = JSON.stringify(Object.entries(options).sort())
      const set = sets.get(name) ?? create(options)
      sets.delete(name) // to the end: what was asked for longest ago goes first
      sets.set(name, set)
      if (sets.size > KEPT) sets.delete(sets.keys().next().value!)
      return set
    },
  }

  function create(options: KeySetOptions): RemoteKeySet {
    const { origin, pathname } = new URL(options.url)
    const set = createRemoteKeySet({
      ...options,
      monotonic: environment.monotonic,
      fetchMembers: () => fetchKeySet(options),
      onFetch: (outcome) => onFetch({ ...outcome, url: `${origin}${pathname}` }),
    })
    if (prefetch) set.prefetch()
    return set
  }
}
