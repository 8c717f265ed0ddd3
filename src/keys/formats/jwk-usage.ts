import type { AlgorithmName } from '../algorithms.ts'
import type { Report } from '../report.ts'
import type { UncheckedJwk } from './jwk.ts'

/** What a JWK is wanted for, against its `use`, `key_ops` and `alg` (RFC 7517 sections 4.2 to 4.4). */
export interface JwkUsage {
  readonly use: 'sig' | 'enc'
  /** One of them must stand in `key_ops`. */
  readonly operations: readonly string[]
  /** Absent: any. */
  readonly algorithm?: string
}

/** A JWK that signs with this algorithm. */
export function forSigning(algorithm: AlgorithmName): JwkUsage {
  return { use: 'sig', operations: ['sign'], algorithm }
}

/** A JWK that verifies. */
export const FOR_VERIFYING: JwkUsage = { use: 'sig', operations: ['verify'] }

/** A JWK for signatures of which only what verifies them is wanted; either half may be at hand. */
export const FOR_SIGNATURES: JwkUsage = { use: 'sig', operations: ['verify', 'sign'] }

/** A JWK that tokens are encrypted with; the names of both halves, since either may be at hand. */
export const FOR_ENCRYPTION: JwkUsage = {
  use: 'enc',
  operations: ['encrypt', 'wrapKey', 'deriveKey', 'deriveBits', 'decrypt', 'unwrapKey'],
}

/** Reports every member of a JWK that speaks against a usage; false after that. */
export function checkUsage(jwk: UncheckedJwk, usage: JwkUsage, report: Report): boolean {
  const faults = contradictions(jwk, usage)
  for (const fault of faults) {
    report({
      severity: 'error',
      rule: 'key/usage',
      message: `expected ${fault}`,
      hint: 'a key serves one purpose: make another for this one (RFC 7517 sections 4.2 to 4.4)',
    })
  }
  return faults.length === 0
}

/** What of a JWK speaks against a usage, in words that quote no value: a misplaced one may be part of the key. */
export function contradictions(jwk: UncheckedJwk, usage: JwkUsage): readonly string[] {
  const { use, key_ops: operations, alg } = jwk
  const faults: string[] = []
  if (use !== undefined && use !== usage.use) faults.push(`"use" of the JWK to be "${usage.use}"`)
  const isIdle = usage.use === 'enc' && isAgreementHalf(jwk)
  if (operations !== undefined && !isIdle && !allows(operations, usage.operations)) {
    faults.push(`"key_ops" of the JWK to contain "${usage.operations[0]}"`)
  }
  if (alg !== undefined && usage.algorithm !== undefined && !isSame(alg, usage.algorithm)) {
    faults.push(`"alg" of the JWK to be ${usage.algorithm}, as the policy says`)
  }
  return faults
}

// Web Crypto exports the public half of a key for agreement so: it does nothing by itself.
function isAgreementHalf({ kty, key_ops: operations }: UncheckedJwk): boolean {
  return (kty === 'EC' || kty === 'OKP') && Array.isArray(operations) && operations.length === 0
}

function allows(operations: unknown, wanted: readonly string[]): boolean {
  return Array.isArray(operations) && operations.some((operation) => wanted.includes(operation))
}

function isSame(alg: unknown, algorithm: string): boolean {
  // RFC 9864 renames EdDSA with Ed25519 to Ed25519.
  return alg === algorithm || (alg === 'Ed25519' && algorithm === 'EdDSA')
}
