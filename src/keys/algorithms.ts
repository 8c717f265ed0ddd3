import { constants } from 'node:crypto'
import { z } from 'zod'

/** A key as an algorithm needs it, in words for messages. */
export type KeyKind = 'HMAC secret' | 'RSA' | 'EC P-256' | 'EC P-384' | 'EC P-521' | 'Ed25519'

/** HMAC with SHA-2 (RFC 7518 section 3.2). */
export interface HmacAlgorithm {
  readonly family: 'HMAC'
  readonly keyKind: 'HMAC secret'
  readonly hash: string
  /** The size of the hash output: a shorter secret is weaker than the signature looks. */
  readonly minimumSecretBytes: number
}

/** A digital signature (RFC 7518 sections 3.3 to 3.5, RFC 8037). */
export interface SignatureAlgorithm {
  readonly family: 'RSA' | 'RSA-PSS' | 'ECDSA' | 'EdDSA'
  readonly keyKind: Exclude<KeyKind, 'HMAC secret'>
  /** Null where the algorithm hashes by itself. */
  readonly hash: string | null
  /** What `node:crypto` must be told besides the key, for signing and verifying alike. */
  readonly options: {
    readonly padding?: number
    /** Bytes. */
    readonly saltLength?: number
    readonly dsaEncoding?: 'ieee-p1363'
  }
  /** True when a signature takes so long (over 0.3 ms) that it must not hold up the event loop. */
  readonly threadPool: boolean
}

const hmac = (bits: number): HmacAlgorithm => ({
  family: 'HMAC',
  keyKind: 'HMAC secret',
  hash: `sha${bits}`,
  minimumSecretBytes: bits / 8,
})

const rsa = (bits: number): SignatureAlgorithm => ({
  family: 'RSA',
  keyKind: 'RSA',
  hash: `sha${bits}`,
  options: { padding: constants.RSA_PKCS1_PADDING },
  threadPool: true,
})

const pss = (bits: number): SignatureAlgorithm => ({
  family: 'RSA-PSS',
  keyKind: 'RSA',
  hash: `sha${bits}`,
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 },
  threadPool: true,
})

// On Node 26 `ieee-p1363` costs what DER costs, so no DER parser of our own stands behind a signature.
const ecdsa = (
  bits: number,
  keyKind: SignatureAlgorithm['keyKind'],
  threadPool: boolean,
): SignatureAlgorithm => ({
  family: 'ECDSA',
  keyKind,
  hash: `sha${bits}`,
  options: { dsaEncoding: 'ieee-p1363' },
  threadPool,
})

// By JWS name: RFC 7518 section 3.1, RFC 8037 section 3.1.
const ALGORITHMS = {
  HS256: hmac(256),
  HS384: hmac(384),
  HS512: hmac(512),
  RS256: rsa(256),
  RS384: rsa(384),
  RS512: rsa(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256, 'EC P-256', false),
  ES384: ecdsa(384, 'EC P-384', true),
  ES512: ecdsa(512, 'EC P-521', true),
  EdDSA: { family: 'EdDSA', keyKind: 'Ed25519', hash: null, options: {}, threadPool: false },
} as const satisfies Record<string, HmacAlgorithm | SignatureAlgorithm>

/** JWS name of an algorithm that signs. */
export type AlgorithmName = keyof typeof ALGORITHMS

/** The row of the table for a name. */
export function algorithm(name: AlgorithmName): HmacAlgorithm | SignatureAlgorithm {
  return ALGORITHMS[name]
}

/** Names in the order of the table. */
export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as readonly AlgorithmName[]

/** Names of the algorithms that a key of this type can sign with; none for a type that JWS does not know. */
export function algorithmsFor(keyKind: string): readonly AlgorithmName[] {
  return ALGORITHM_NAMES.filter((name) => ALGORITHMS[name].keyKind === keyKind)
}

/** `signingMethod` in a policy file or account. */
export const signingMethodSchema = z
  .enum(ALGORITHM_NAMES)
  .meta({ title: 'algorithm' })
  .describe('Algorithm that signs the token (RFC 7518, RFC 8037).')

/** Bits of an RSA modulus: below is weak (RFC 7518 sections 3.3 and 4.2), above a signature takes too long. */
export const RSA_BITS = { least: 2048, most: 8192 } as const
