import type { Json, JsonObject } from '../types.ts'

/** Members that may leave the process, by key type (RFC 7518 section 6, RFC 8037 section 2). */
const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
}

const COMMON_MEMBERS = ['kty', 'kid', 'alg', 'use', 'x5c', 'x5t', 'x5t#S256'] as const

/**
 * Only the public members of a JWK (RFC 7517 section 4), and of them only text, `x5c` as a list of text; empty for a
 * key type that has no public half.
 */
export function publicMembers(jwk: Readonly<Record<string, unknown>>): JsonObject {
  const own = publicKeyMembers(jwk)
  if (own === undefined) return {}
  const members = [...COMMON_MEMBERS, ...own].map((name) => [name, jwk[name]] as const)
  return Object.fromEntries(members.filter((member) => isPublic(member)))
}

/** Names of the members that make up the public key; undefined for a key type that has no public half. */
export function publicKeyMembers(
  jwk: Readonly<Record<string, unknown>>,
): readonly string[] | undefined {
  return typeof jwk.kty === 'string' && Object.hasOwn(PUBLIC_MEMBERS, jwk.kty)
    ? PUBLIC_MEMBERS[jwk.kty]
    : undefined
}

function isPublic(member: readonly [name: string, value: unknown]): member is [string, Json] {
  const [name, value] = member
  if (name !== 'x5c') return typeof value === 'string'
  return Array.isArray(value) && value.every((certificate) => typeof certificate === 'string')
}
