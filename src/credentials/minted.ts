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

/** What a cache keeps under `key`: the credential of a hit, which is one and the same object for each. */
export function cacheable(minted: Minted, key: string): Made<Credential> {
  const { text, reuseUntil, validTo = Number.POSITIVE_INFINITY } = minted
  const value = credentialOf(minted, 'hit')
  const expiresAt = Math.min((value.expiresAt ?? Number.POSITIVE_INFINITY) * 1000, validTo)
  return {
    value,
    // text counts two bytes a character at most; claims and header stand in the token once more as objects
    bytes: 4 * text.length + 2 * key.length,
    ...(Number.isFinite(expiresAt) && { expiresAt }),
    ...(reuseUntil !== undefined && { renewableAt: reuseUntil * 1000 }),
  }
}

/** A credential that a cache gave: only its trace says how it was had. */
export function asHad(hit: Credential, cache: CacheResult): Credential {
  return cache === 'hit' ? hit : { ...hit, trace: { ...hit.trace, cache } }
}
