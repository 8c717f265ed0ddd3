import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type CacheResult,
  type CacheSettings,
  createTokenCache,
  type Made,
} from '../../../src/cache/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'

/** What a test may do to a cache. Times are milliseconds. */
type Action =
  | { readonly type: 'get'; readonly key: string; readonly life: number; readonly bytes: number }
  | { readonly type: 'advance' | 'jump'; readonly by: number }
  /** Flights land at once, or are held; those that land fail or do not. */
  | { readonly type: 'hold' | 'break'; readonly on: boolean }

const KEYS = ['a', 'b', 'c', 'd', 'e']
const BOUNDS = { maxEntries: 3, maxBytes: 2000 }

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('get' as const),
      key: fc.constantFrom(...KEYS),
      life: fc.integer({ min: -1000, max: 100_000 }),
      bytes: fc.integer({ min: 1, max: 2200 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      by: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 60_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('jump' as const),
      by: fc.oneof(fc.integer({ min: -2500, max: 2500 }), fc.constantFrom(-3_600_000, 3_600_000)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('hold', 'break'), on: fc.boolean() }),
  },
)

const settings: fc.Arbitrary<CacheSettings> = fc.record(
  { ttl: fc.integer({ min: 1, max: 90 }), refreshAhead: fc.integer({ min: 0, max: 40 }) },
  { requiredKeys: [] },
)

interface Token {
  readonly key: string
  readonly bytes: number
  readonly madeAt: number
  readonly monotonic: number
  readonly expiresAt: number
  /** Failed flights of its key before it was made. */
  readonly failuresBefore: number
  /** Which turn of the test gave it to those who waited. */
  landedIn?: number
}

/** A cache in a world that notes what was made and checks, by rules of its own, what is given out. */
function world(written: CacheSettings) {
  const clock = fixedEnvironment()
  /** What must not be. Noted, as the cache takes what is thrown in a flight for its failure. */
  const wrong: string[] = []
  const results: string[] = []
  const cache = createTokenCache<Token>({
    settings: { ...BOUNDS, ...written },
    environment: clock,
    onRenewalFailure(_, servedUntil) {
      if (servedUntil <= clock.now()) wrong.push('the renewal of a dead token was told')
    },
  })
  const flying = new Set<string>()
  const failures = new Map<string, number>()
  const failedIn = new Map<string, number>()
  const failuresOf = (key: string) => failures.get(key) ?? 0
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  let isBroken = false
  let turn = 0

  async function make(key: string, life: number, bytes: number): Promise<Made<Token>> {
    if (flying.has(key)) wrong.push('a second flight of one key')
    flying.add(key)
    const madeAt = clock.now()
    const expiresAt = madeAt + life
    const monotonic = clock.monotonic()
    const token: Token = {
      key,
      bytes,
      madeAt,
      monotonic,
      expiresAt,
      failuresBefore: failuresOf(key),
    }
    await gate.promise
    flying.delete(key)
    if (isBroken) {
      failures.set(key, failuresOf(key) + 1)
      failedIn.set(key, turn)
      throw new Error('broken')
    }
    token.landedIn = turn
    return { value: token, bytes, expiresAt }
  }

  function check(key: string, token: Token, result: CacheResult): void {
    const { madeAt, monotonic, expiresAt, bytes } = token
    results.push(result)
    expect(token.key).toBe(key)
    if (result === 'miss' || result === 'shared') {
      expect(token.landedIn).toBe(turn)
      return
    }
    const wall = clock.now() - madeAt
    expect(Math.abs(wall - (clock.monotonic() - monotonic))).toBeLessThanOrEqual(2000)
    const life = expiresAt - madeAt
    expect(wall).toBeLessThan(life - Math.min(life / 10, 5000))
    expect(bytes).toBeLessThanOrEqual(BOUNDS.maxBytes)
    const fresh = wall < (written.ttl ?? Number.POSITIVE_INFINITY) * 1000
    if (result === 'hit') expect(fresh).toBe(true)
    else expect(failuresOf(key)).toBeGreaterThan(token.failuresBefore)
  }

  const checks: Promise<void>[] = []
  function get(key: string, life: number, bytes: number): Token | undefined {
    const answer = cache.get(key, () => make(key, life, bytes))
    if (!(answer instanceof Promise)) {
      check(key, ...answer)
      return answer[0]
    }
    const checked = answer.then(
      ([token, result]) => check(key, token, result),
      () => {
        results.push('refused')
        expect(failedIn.get(key)).toBe(turn)
      },
    )
    checks.push(checked)
    return undefined
  }

  function hold(on: boolean): void {
    gate.resolve()
    if (on) gate = Promise.withResolvers<void>()
  }

  const perform = {
    get: ({ key, life, bytes }: Action & { type: 'get' }) => get(key, life, bytes),
    advance: ({ by }: Action & { type: 'advance' }) => clock.advance(by),
    jump: ({ by }: Action & { type: 'jump' }) => clock.setNow(clock.now() + by),
    hold: ({ on }: Action & { type: 'hold' }) => hold(on),
    break: ({ on }: Action & { type: 'break' }) => {
      isBroken = on
    },
  }

  return {
    async perform(action: Action) {
      turn += 1
      perform[action.type](action as never)
      await setImmediate()
    },
    /** What the cache still holds: while flights are held, asking for it changes nothing. */
    held(): Token[] {
      hold(true)
      const tokens = KEYS.map((key) => get(key, 1, 1))
      return tokens.filter((token) => token !== undefined)
    },
    async end() {
      turn += 1
      hold(false)
      await Promise.all(checks)
      expect(wrong).toEqual([])
      return results
    },
  }
}

it('never gives out what it must not, whatever happens in whatever order', async () => {
  const seen = new Set<string>()
  const property = fc.asyncProperty(
    settings,
    fc.array(action, { minLength: 10, maxLength: 80 }),
    async (written, actions) => {
      const { perform, held, end } = world(written)
      for (const action of actions) await perform(action)
      const tokens = held()
      expect(tokens.length).toBeLessThanOrEqual(BOUNDS.maxEntries)
      const bytes = tokens.reduce((sum, token) => sum + token.bytes, 0)
      expect(bytes).toBeLessThanOrEqual(BOUNDS.maxBytes)
      for (const result of await end()) seen.add(result)
    },
  )
  await fc.assert(property, { numRuns: 300 })
  expect([...seen].toSorted()).toEqual(['hit', 'miss', 'refused', 'shared', 'stale'])
})
