import type { CacheResult, Made } from '../cache/index.ts'
import { Secret } from '../secret.ts'
import type { Credential, JsonObject } from '../types.ts'

/** A new token. */
export interface Minted {
  readonly text: string
  /** The signed header; of a token that is only encrypted, its own. */
  readonly header: JsonObject
  readonly claims: JsonObject
  /** For logs, beside what header and claims say. */
  readonly trace: Readonly<Record<string, string>>
  /** No other is made before (NumericDate). */
  readonly reuseUntil?: number
  /** Milliseconds since the epoch after which it is not kept, whatever its `exp`. */
  readonly validTo?: number
}

/** One credential, by how it was had: only its trace differs. */
export type Results = Readonly<Record<CacheResult, Credential>>

/** The credential that a token is. */
export function credentialOf(minted: Minted, cache: CacheResult | 'bypass'): Credential {
  const { text, claims, header } = minted
  const { exp, jti } = claims
  const { alg, kid } = header
  return {
    value: new Secret(text),
    ...(typeof exp === 'number' && { expiresAt: exp }),
    token: { claims, header },
    trace: {
      alg: String(alg),
      ...(typeof kid === 'string' && { kid }),
      ...(typeof jti === 'string' && { jti }),
      ...minted.trace,
      cache,
    },
  }
}

/** What a cache keeps of a token. */
export function cacheable(minted: Minted): Made<Results> {
  const { text, reuseUntil, validTo = Number.POSITIVE_INFINITY } = minted
  const miss = credentialOf(minted, 'miss')
  const expiresAt = Math.min((miss.expiresAt ?? Number.POSITIVE_INFINITY) * 1000, validTo)
  const as = (cache: CacheResult) => ({ ...miss, trace: { ...miss.trace, cache } })
  return {
    value: { miss, shared: as('shared'), hit: as('hit'), stale: as('stale') },
    // text counts two bytes a character at most; claims and header stand in it once more as objects
    bytes: 4 * text.length,
    ...(Number.isFinite(expiresAt) && { expiresAt }),
    ...(reuseUntil !== undefined && { renewableAt: reuseUntil * 1000 }),
  }
}
