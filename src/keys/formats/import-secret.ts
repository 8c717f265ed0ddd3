import { createSecretKey, type KeyObject } from 'node:crypto'
import type { KeyMaterial } from '../key-material.ts'
import type { KeyType } from '../key-type.ts'
import { type Report, refusing } from '../report.ts'
import { encodingOf } from './encoded-secret.ts'
import { octetsOf } from './import-jwk.ts'
import type { UncheckedJwk } from './jwk.ts'
import { checkUsage, type JwkUsage } from './jwk-usage.ts'
import { describeForm, readKeyForm } from './key-form.ts'
import { keyInSecret } from './key-in-secret.ts'

/** How a secret is given, in words for hints. */
const ACCEPTED = 'a shared secret is plain text, encoded text with its keyType, or a JWK of kty oct'

/**
 * The secret in a material, exactly its bytes: plain text as UTF-8, encoded as `keyType` declares, or the `k` of a
 * JWK (RFC 7518 section 6.4). What is another kind of key, in whatever encoding, is never taken for a secret: a
 * public key in its place would let everyone sign. Undefined after an error was reported.
 */
export function importSecret(
  material: KeyMaterial,
  keyType: KeyType | undefined,
  report: Report,
  usage: JwkUsage,
): KeyObject | undefined {
  const refuse = refusing(report)
  const wanted = { usage, words: 'a secret key', fits: ({ kty }: UncheckedJwk) => kty === 'oct' }
  const found = readKeyForm(material, wanted, report)
  if (found === undefined) return undefined
  if (found.form === 'JWK' && (keyType === 'Jwk' || keyType === undefined)) {
    if (keyType === 'Jwk' || !found.wrapped) return importSecretJwk(found.jwk, usage, report)
    return refuse(
      'key/ambiguous',
      'expected a secret, found base64 text of a JWK',
      'write keyType: Jwk to have it unwrapped, or keyType: Secret if this very text is the secret',
    )
  }
  // A wrapped JWK is plain text as well; `keyType` has said which.
  const isJwk = found.form === 'JWK' && !found.wrapped
  if (keyType === 'Jwk' || material.binary || isJwk) {
    return refuse(
      keyType === undefined ? 'key/mismatch' : 'key/type',
      `expected ${keyType === undefined ? 'a secret' : `what keyType ${keyType} says`}, found ${describeForm(found, material)}`,
      material.binary
        ? 'write the bytes of a secret as base64 text, with keyType: Base64Secret'
        : ACCEPTED,
    )
  }
  const text = material.text.reveal()
  const encoding = encodingOf(keyType)
  const bytes = encoding === undefined ? Buffer.from(text, 'utf8') : encoding.decode(text)
  if (encoding !== undefined && bytes === undefined) {
    return refuse('key/type', `expected ${encoding.words}, as keyType says`, encoding.hint)
  }
  return bytes && secretOf(bytes, text, report)
}

function importSecretJwk(
  jwk: UncheckedJwk,
  usage: JwkUsage,
  report: Report,
): KeyObject | undefined {
  if (jwk.kty !== 'oct') {
    return refusing(report)('key/mismatch', 'expected a JWK of kty oct', ACCEPTED)
  }
  const bytes = checkUsage(jwk, usage, report) ? octetsOf(jwk, report) : undefined
  return bytes && secretOf(bytes, String(jwk.k), report)
}

/** The secret of these bytes, unless they or the text that they were written as are another kind of key. */
function secretOf(bytes: Buffer, written: string, report: Report): KeyObject | undefined {
  const found = keyInSecret(bytes) ?? keyInSecret(Buffer.from(written, 'utf8'))
  if (found === undefined) return createSecretKey(bytes)
  return refusing(report)('key/mismatch', `expected a secret, found ${found}`, ACCEPTED)
}
