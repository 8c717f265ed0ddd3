import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto'
import type { AlgorithmName } from './algorithms.ts'
import type { Report } from './key-material.ts'

/** A JSON object with a `kty`; what stands in it is not yet looked at. */
export interface UncheckedJwk {
  readonly [member: string]: unknown
  readonly kty: string
}

/** The JSON Web Key that a text is; undefined for any other text. */
export function parseJwk(text: string): UncheckedJwk | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isJwk(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The private or secret key of a JWK (RFC 7517, RFC 7518 section 6, RFC 8037) that may sign with `algorithm`. */
export function importJwk(
  jwk: UncheckedJwk,
  algorithm: AlgorithmName,
  report: Report,
): KeyObject | undefined {
  if (!checkUsage(jwk, algorithm, report)) return undefined
  if (jwk.kty === 'oct') return importOctets(jwk, report)
  if (PUBLIC_TYPES.has(jwk.kty) && jwk.d === undefined) {
    report({
      severity: 'error',
      rule: 'key/public',
      message: 'expected a private JWK, found one without "d"',
      hint: 'signing needs the private half; the public half is what verifiers get',
    })
    return undefined
  }
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' })
  } catch {
    report({
      severity: 'error',
      rule: 'key/parse',
      message: 'expected a JWK whose members form a private key',
      hint: 'RSA needs n e d p q dp dq qi, EC needs crv x y d, OKP needs crv x d, oct needs k',
    })
    return undefined
  }
}

const PUBLIC_TYPES = new Set(['RSA', 'EC', 'OKP'])

function isJwk(value: unknown): value is UncheckedJwk {
  return (
    typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'
  )
}

function importOctets(jwk: UncheckedJwk, report: Report): KeyObject | undefined {
  if (typeof jwk.k === 'string' && /^[A-Za-z0-9_-]+$/.test(jwk.k)) {
    return createSecretKey(Buffer.from(jwk.k, 'base64url'))
  }
  report({
    severity: 'error',
    rule: 'key/parse',
    message: 'expected "k" of the JWK to be base64url text without padding',
    hint: 'the secret itself, encoded: RFC 7518 section 6.4.1',
  })
  return undefined
}

// The values are not quoted: a member in the wrong place may hold part of the key.
function checkUsage(jwk: UncheckedJwk, algorithm: AlgorithmName, report: Report): boolean {
  const faults: string[] = []
  if (jwk.use !== undefined && jwk.use !== 'sig') faults.push('"use" of the JWK to be "sig"')
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('sign'))) {
    faults.push('"key_ops" of the JWK to contain "sign"')
  }
  if (jwk.alg !== undefined && !sameAlgorithm(jwk.alg, algorithm)) {
    faults.push(`"alg" of the JWK to be ${algorithm}, as signingMethod says`)
  }
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

function sameAlgorithm(alg: unknown, algorithm: AlgorithmName): boolean {
  // RFC 9864 renames EdDSA with Ed25519 to Ed25519.
  return alg === algorithm || (alg === 'Ed25519' && algorithm === 'EdDSA')
}
