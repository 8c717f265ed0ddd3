import type { JsonObject } from '../types.ts'
import type { LoadedKey } from './load-key.ts'
import { keyMembers, publicMembers } from './public-jwk.ts'

/**
 * The JWK set (RFC 7517 section 5) of what verifiers need: public members only, HMAC keys left out. A key
 * that signs with several algorithms under one `kid` stands in it once, without `alg`.
 */
export function publicJwks(keys: readonly Pick<LoadedKey, 'publicJwk'>[]): {
  readonly keys: readonly JsonObject[]
} {
  const unique = new Map<string, JsonObject>()
  for (const { publicJwk } of keys) {
    if (publicJwk === undefined) continue
    const jwk = publicMembers(publicJwk)
    const members = keyMembers(jwk)
    if (members === undefined) continue
    const identity = JSON.stringify(['kid', 'kty', ...members].map((name) => jwk[name] ?? null))
    const known = unique.get(identity)
    unique.set(identity, known === undefined || known.alg === jwk.alg ? jwk : withoutAlg(jwk))
  }
  return { keys: [...unique.values()] }
}

function withoutAlg({ alg: _, ...jwk }: JsonObject): JsonObject {
  return jwk
}
