import type { KeyObject } from 'node:crypto'
import { checkRsa, type RsaUse } from '../check-rsa.ts'
import { curveName } from '../curves.ts'
import { guessFault, guessSecret } from '../guess-secret.ts'
import { type Report, refusing } from '../report.ts'
import {
  type ContentEncryptionName,
  type KeyManagementName,
  keyManagement,
  secretLength,
} from './encryption-algorithms.ts'

/** Reports what makes a public or secret key unfit to encrypt with `alg` and `enc`, or weak. */
export function checkEncryptionKey(
  key: KeyObject,
  alg: KeyManagementName,
  enc: ContentEncryptionName,
  report: Report,
): void {
  const { key: needed } = keyManagement(alg)
  const found = nameOf(key)
  if (needed === 'secret') {
    checkSecret(key, alg, enc, report)
  } else if (needed === 'RSA' && found === 'RSA') {
    checkRsa(key, RSA_USE, report)
  } else if (needed === 'RSA' || !CURVES.includes(found)) {
    const expected = needed === 'RSA' ? 'an RSA key' : 'a key on P-256, P-384, P-521 or X25519'
    const message = `expected ${expected} for ${alg}, found ${found}`
    refusing(report)('key/mismatch', message, fittingFor(found))
  }
}

function checkSecret(
  key: KeyObject,
  alg: KeyManagementName,
  enc: ContentEncryptionName,
  report: Report,
): void {
  const expected = secretLength(alg, enc)
  const make = `make one with \`openssl rand -base64 ${expected}\` and write keyType: Base64Secret`
  const bytes = key.export()
  if (bytes.length !== expected) {
    const name = alg === 'dir' ? `dir with ${enc}` : alg
    refusing(report)(
      'key/mismatch',
      `expected a secret of exactly ${expected} bytes for ${name}, found ${bytes.length}`,
      `its bytes are the key, nothing is derived from them: ${make}`,
    )
    return
  }
  const guess = guessSecret(bytes)
  if (guess !== undefined) report(guessFault(guess, make))
}

const RSA_USE: RsaUse = {
  section: '4.3',
  small: 'error',
  hints: {
    small: 'ask the recipient for a larger one',
    large: 'decrypting would take tens of milliseconds: use 3072 or 4096 bits, or ECDH-ES',
    exponent: 'ask the recipient for a new one: tools choose 65537 by themselves',
  },
}

const CURVES = ['P-256', 'P-384', 'P-521', 'X25519']

function fittingFor(found: string): string {
  if (found === 'RSA') return 'this key fits RSA-OAEP-256'
  if (CURVES.includes(found)) return 'this key fits ECDH-ES, ECDH-ES+A128KW and ECDH-ES+A256KW'
  return 'ask the recipient for the key that it decrypts with'
}

const TYPES: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  'rsa-pss': 'RSASSA-PSS (only for signatures)',
  ed25519: 'Ed25519 (only for signatures)',
  x25519: 'X25519',
}

// As JWK names it, for the keys that JWE knows.
function nameOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string {
  if (type === undefined) return 'a secret'
  if (type !== 'ec') return TYPES[type] ?? type
  return curveName(asymmetricKeyDetails?.namedCurve ?? 'a curve without a name')
}
