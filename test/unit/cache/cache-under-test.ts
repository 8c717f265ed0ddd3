import { setImmediate } from 'node:timers/promises'
import {
  type CacheSettings,
  createTokenCache,
  type Made,
  type TokenCacheOptions,
} from '../../../src/cache/index.ts'
import { CountersignError } from '../../../src/errors.ts'
import { fixedEnvironment } from '../../support/clock.ts'

/** What a made token is like; its value is its key and how many were made before it. */
export interface Token {
  /** Seconds from when it is made until it expires. Default 100; `null` when it does not expire. */
  readonly life?: number | null
  /** Seconds from when it is made until another may be made. */
  readonly window?: number
  /** Default 1000. */
  readonly bytes?: number
}

/** A cache without jitter, on a clock that stands still, and what makes its tokens: it can be broken. */
export function cacheUnderTest(
  settings: CacheSettings = {},
  environment: TokenCacheOptions['environment'] = fixedEnvironment(),
  keepFresh = false,
) {
  const failures: { readonly code: string; readonly servedFor: number }[] = []
  const clocks = { ...environment, random: () => Uint8Array.of(0) }
  const cache = createTokenCache<string>({
    settings,
    environment: clocks,
    keepFresh,
    onRenewalFailure({ code }, servedUntil) {
      failures.push({ code, servedFor: (servedUntil - environment.now()) / 1000 })
    },
  })
  let tries = 0
  let isBroken = false
  /** Set by `hold`: how a flight under way ends. */
  let landing: Promise<void> | undefined

  async function make(key: string, token: Token): Promise<Made<string>> {
    const now = environment.now()
    const { life = 100, window, bytes = 1000 } = token
    tries += 1
    const value = `${key}-${tries}`
    await landing
    if (isBroken) throw new CountersignError('key/unavailable', 'expected the signer to answer')
    return {
      value,
      bytes,
      ...(life !== null && { expiresAt: now + life * 1000 }),
      ...(window !== undefined && { renewableAt: now + window * 1000 }),
    }
  }

  return {
    cache,
    failures,
    get: async (key: string, token: Token = {}) => await cache.get(key, () => make(key, token)),
    /** What `get` gives without waiting. */
    now: (key: string, token: Token = {}) => cache.get(key, () => make(key, token)),
    tries: () => tries,
    setBroken(broken: boolean) {
      isBroken = broken
    },
    /** Keeps what is being made from now on in the air, until the function it returns is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      landing = promise
      return () => {
        landing = undefined
        resolve()
      }
    },
    /** Until what is made in the background is there. */
    settled: () => setImmediate(),
  }
}
