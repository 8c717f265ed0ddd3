import { createSecretKey, type KeyObject } from 'node:crypto'
import { type AlgorithmName, algorithm as specOf } from './algorithms.ts'
import { importJwk, parseJwk } from './import-jwk.ts'
import type { KeyMaterial, Report } from './key-material.ts'
import { importPem, isPem } from './pem.ts'

/** The key in a material, whichever accepted format it is in; undefined after an error was reported. */
export function importKey(
  material: KeyMaterial,
  algorithm: AlgorithmName,
  report: Report,
): KeyObject | undefined {
  const text = material.text.reveal()
  const takesSecret = specOf(algorithm).family === 'HMAC'
  if (isPem(text)) {
    if (!takesSecret) return importPem(text, report)
    // A public key taken for an HMAC secret would let everyone sign.
    return refuse(
      report,
      'key/mismatch',
      `expected a secret for ${algorithm}, found PEM text`,
      SECRET_NEEDED,
    )
  }
  const jwk = parseJwk(text)
  if (jwk !== undefined) {
    if (takesSecret && jwk.kty !== 'oct') {
      return refuse(
        report,
        'key/mismatch',
        `expected a JWK of kty oct for ${algorithm}`,
        SECRET_NEEDED,
      )
    }
    return importJwk(jwk, algorithm, report)
  }
  if (takesSecret && !/^\s*\{[\s\S]*"(?:kty|keys)"/.test(text)) {
    return createSecretKey(Buffer.from(text, 'utf8'))
  }
  return refuse(
    report,
    'key/parse',
    takesSecret
      ? 'expected a secret, or one whole JWK'
      : `expected PEM or JWK text for ${algorithm}`,
    takesSecret
      ? 'the text looks like a JWK or a JWK set that is cut off: write one JWK, or the secret as plain text'
      : 'a key begins with -----BEGIN PRIVATE KEY----- or {"kty":; base64 alone is not enough',
  )
}

const SECRET_NEEDED =
  'HS256, HS384 and HS512 take a shared secret; use RS, PS, ES or EdDSA with a private key'

function refuse(report: Report, rule: string, message: string, hint: string): undefined {
  report({ severity: 'error', rule, message, hint })
}
