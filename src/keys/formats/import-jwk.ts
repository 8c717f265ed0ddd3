import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto'
import { type Report, refusing } from '../report.ts'
import type { UncheckedJwk } from './jwk.ts'
import { checkUsage, type JwkUsage } from './jwk-usage.ts'

/** The private or secret key of a JWK (RFC 7517, RFC 7518 section 6, RFC 8037) that may be used so. */
export function importJwk(
  jwk: UncheckedJwk,
  usage: JwkUsage,
  report: Report,
): KeyObject | undefined {
  if (!checkUsage(jwk, usage, report)) return undefined
  if (jwk.kty === 'oct') {
    const bytes = octetsOf(jwk, report)
    return bytes && createSecretKey(bytes)
  }
  const refuse = refusing(report)
  if (PUBLIC_TYPES.has(jwk.kty) && jwk.d === undefined) {
    return refuse(
      'key/public',
      'expected a private JWK, found one without "d"',
      'signing needs the private half; the public half is what verifiers get',
    )
  }
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' })
  } catch {
    return refuse(
      'key/parse',
      'expected a JWK whose members form a private key',
      'RSA needs n e d p q dp dq qi, EC needs crv x y d, OKP needs crv x d, oct needs k',
    )
  }
}

const PUBLIC_TYPES = new Set(['RSA', 'EC', 'OKP'])

/** The bytes of a JWK of kty oct (RFC 7518 section 6.4.1); undefined after an error was reported. */
export function octetsOf(jwk: UncheckedJwk, report: Report): Buffer | undefined {
  if (typeof jwk.k === 'string' && /^[A-Za-z0-9_-]+$/.test(jwk.k)) {
    return Buffer.from(jwk.k, 'base64url')
  }
  return refusing(report)(
    'key/parse',
    'expected "k" of the JWK to be base64url text without padding',
    'the secret itself, encoded: RFC 7518 section 6.4.1',
  )
}
