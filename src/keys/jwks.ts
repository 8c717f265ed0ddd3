import type { JsonObject } from '../types.ts'
import type { KeyFacts } from './key-facts.ts'
import { publicKeyMembers, publicMembers } from './public-jwk.ts'

/**
 * The JWK set (RFC 7517 section 5) of what verifiers need: public members only, HMAC keys left out. A key stands
 * in it once for a `kid`, as it came first; without `alg` when it signs with several.
 */
export function publicJwks(keys: readonly Pick<KeyFacts, 'publicJwk'>[]): {
  readonly keys: readonly JsonObject[]
} {
  const unique = new Map<string, JsonObject>()
  for (const { publicJwk } of keys) {
    if (publicJwk === undefined) continue
    const jwk = publicMembers(publicJwk)
    const members = publicKeyMembers(jwk)
    if (members === undefined) continue
    const identity = JSON.stringify(['kid', 'kty', ...members].map((name) => jwk[name] ?? null))
    const known = unique.get(identity)
    if (known === undefined) unique.set(identity, jwk)
    else if (known.alg !== jwk.alg) unique.set(identity, withoutAlg(known))
  }
  return { keys: [...unique.values()] }
}

function withoutAlg({ alg: _, ...jwk }: JsonObject): JsonObject {
  return jwk
}
