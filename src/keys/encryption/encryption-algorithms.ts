/** How the content encryption key reaches the recipient, and what key that takes (RFC 7518 section 4). */
export interface KeyManagement {
  /** A secret that both sides hold, or the recipient's public key. */
  readonly key: 'secret' | 'RSA' | 'ECDH'
  /** Length that a secret must have, in bytes; absent where it is that of `enc`. */
  readonly secretBytes?: number
}

const keyWrap = (bits: number): KeyManagement => ({ key: 'secret', secretBytes: bits / 8 })
const rsa: KeyManagement = { key: 'RSA' }
const ecdh: KeyManagement = { key: 'ECDH' }

// By JWE name. RSA1_5 and PBES2 are left out on purpose: the one invites padding oracles, the other makes a
// key of a password and lets a sender decide how long the recipient works.
const KEY_MANAGEMENT = {
  dir: { key: 'secret' },
  A128KW: keyWrap(128),
  A192KW: keyWrap(192),
  A256KW: keyWrap(256),
  A128GCMKW: keyWrap(128),
  A192GCMKW: keyWrap(192),
  A256GCMKW: keyWrap(256),
  'RSA-OAEP': rsa,
  'RSA-OAEP-256': rsa,
  'RSA-OAEP-384': rsa,
  'RSA-OAEP-512': rsa,
  'ECDH-ES': ecdh,
  'ECDH-ES+A128KW': ecdh,
  'ECDH-ES+A192KW': ecdh,
  'ECDH-ES+A256KW': ecdh,
} as const satisfies Record<string, KeyManagement>

/** Length in bytes of the key of each content encryption algorithm (RFC 7518 section 5). */
const CONTENT_KEY_BYTES = {
  A128GCM: 16,
  A192GCM: 24,
  A256GCM: 32,
  'A128CBC-HS256': 32,
  'A192CBC-HS384': 48,
  'A256CBC-HS512': 64,
} as const satisfies Record<string, number>

/** JWE `alg`. */
export type KeyManagementName = keyof typeof KEY_MANAGEMENT

/** JWE `enc`. */
export type ContentEncryptionName = keyof typeof CONTENT_KEY_BYTES

/** Names of the key management algorithms, in the order of the table. */
export const KEY_MANAGEMENT_NAMES = Object.keys(KEY_MANAGEMENT) as readonly KeyManagementName[]

/** Names of the content encryption algorithms, in the order of the table. */
export const CONTENT_ENCRYPTION_NAMES = Object.keys(
  CONTENT_KEY_BYTES,
) as readonly ContentEncryptionName[]

/** The row of the table for a name. */
export function keyManagement(alg: KeyManagementName): KeyManagement {
  return KEY_MANAGEMENT[alg]
}

/** Length that a secret must have, in bytes, for an algorithm that takes one. */
export function secretLength(alg: KeyManagementName, enc: ContentEncryptionName): number {
  return keyManagement(alg).secretBytes ?? CONTENT_KEY_BYTES[enc]
}
