import { createPublicKey, type webcrypto } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createVerifier } from 'fast-jwt'
import type { VerifyOptions } from './options.ts'
import type { SeenToken } from './report.ts'

/** Judges the tokens that an upstream got. */
export interface TokenCheck {
  /** Why the token of a request that was due at `at` (milliseconds since the epoch) is not good; undefined when it is. */
  check(token: string, at: number): Promise<string | undefined>
  seen(): readonly SeenToken[]
}

type Verify = (token: string) => SeenToken['claims']
type Verdict = string | { -readonly [Key in keyof SeenToken]: SeenToken[Key] }

/** Fetches the set at most so often, in milliseconds: many requests meet a new key at once. */
const PAUSE = 50

/** A check as a verifier does it, with another library than the one that signs. */
export function createTokenCheck(options: VerifyOptions): TokenCheck {
  const { jwks, keep = 0, leeway = 1, clock = 0 } = options
  const verdicts = new Map<string, Promise<Verdict>>()
  const seen: SeenToken[] = []
  let keys = new Map<string, Verify>()
  let fetchedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    const response = await fetch(jwks)
    const set = (await response.json()) as { readonly keys: readonly PublishedKey[] }
    keys = new Map(set.keys.map((key) => [key.kid ?? '', verifierOf(key)]))
    fetchedAt = performance.now()
    await wait(PAUSE)
  }

  async function keyOf(kid: string): Promise<Verify | undefined> {
    const isKept = performance.now() - fetchedAt < keep
    if (!keys.has(kid) && !isKept) {
      // a fetch that is under way may have been answered before this key was published
      if (fetching) await fetching
      if (!keys.has(kid)) {
        fetching ??= fetchKeys().finally(() => {
          fetching = undefined
        })
        await fetching
      }
    }
    return keys.get(kid)
  }

  async function judge(token: string, at: number): Promise<Verdict> {
    try {
      const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
      const verify = await keyOf(String(header.kid))
      if (!verify) return `no key ${header.kid} is published`
      const good = { header, claims: verify(token), first: at, last: at, requests: 0 }
      seen.push(good)
      return good
    } catch (error) {
      return (error as Error).message
    }
  }

  return {
    seen: () => seen,
    async check(token, at) {
      const judged = verdicts.get(token) ?? judge(token, at)
      verdicts.set(token, judged)
      const verdict = await judged
      if (typeof verdict === 'string') return verdict
      verdict.requests += 1
      verdict.first = Math.min(verdict.first, at)
      verdict.last = Math.max(verdict.last, at)
      const { iat, exp } = verdict.claims
      const seconds = (Date.now() + clock) / 1000
      if (Number(exp) + leeway < (at + clock) / 1000)
        return `expired for ${seconds - Number(exp)} s`
      if (Number(iat) - leeway > seconds) return `from ${Number(iat) - seconds} s ahead`
      return undefined
    },
  }
}

interface PublishedKey extends webcrypto.JsonWebKey {
  readonly kid?: string
}

function verifierOf(jwk: PublishedKey): Verify {
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  return createVerifier({ key, ignoreExpiration: true, ignoreNotBefore: true })
}
