import type { JsonObject } from './types.ts'

/** Members that make up a public key (RFC 7518 section 6, RFC 8037 section 2). */
const KEY_MEMBERS = ['kty', 'n', 'e', 'crv', 'x', 'y'] as const

/** True when two public JWKs hold the same key, whatever else they say of it. */
export function isSameKey(one: JsonObject, other: JsonObject): boolean {
  return KEY_MEMBERS.every((member) => one[member] === other[member])
}
