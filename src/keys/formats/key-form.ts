import type { KeyMaterial } from '../key-material.ts'
import { type Report, refusing } from '../report.ts'
import { decodeBase64 } from './base64.ts'
import { type DerContent, derContent } from './der.ts'
import { looksLikeJwk, parseJwk, parseJwkSet, type UncheckedJwk } from './jwk.ts'
import { selectJwk, type WantedJwk } from './jwk-set.ts'
import { isPem } from './pem.ts'

/** A key material by what it looks like, before anything in it is believed. */
export type KeyForm =
  | { readonly form: 'PEM'; readonly text: string }
  | { readonly form: 'JWK'; readonly jwk: UncheckedJwk; readonly wrapped: boolean }
  | { readonly form: 'DER'; readonly bytes: Buffer; readonly content: DerContent }
  /** Base64 text of anything else. */
  | { readonly form: 'bytes'; readonly bytes: Buffer }
  | { readonly form: 'text' }

/**
 * What a material looks like, PEM and JWK also when they are wrapped in base64 as a whole; of a JWK set the key that
 * is meant. Undefined after an error was reported.
 */
export function readKeyForm(
  material: KeyMaterial,
  wanted: WantedJwk,
  report: Report,
): KeyForm | undefined {
  const refuse = refusing(report)
  const text = material.text.reveal()
  const members = material.binary ? undefined : parseJwkSet(text)
  if (material.jwks !== undefined) {
    if (members === undefined) {
      return refuse(
        'key/parse',
        'expected a JWK set: one whole JSON object with "keys"',
        'a file that holds one key alone is written { file: PATH }',
      )
    }
    const jwk = selectJwk(members, material.jwks, wanted, report)
    return jwk && { form: 'JWK', jwk, wrapped: false }
  }
  if (members !== undefined) {
    return refuse(
      'key/parse',
      'expected one key, found a JWK set',
      'write { jwks: PATH }, and kid: NAME beside it to say which key',
    )
  }
  const found = material.binary ? undefined : textForm(text)
  if (found !== undefined) return found
  if (!material.binary && looksLikeJwk(text)) {
    return refuse(
      'key/parse',
      'expected one whole JWK',
      'the JSON text is cut off or altered: copy it again',
    )
  }
  return encodedForm(text)
}

function textForm(text: string, wrapped = false): KeyForm | undefined {
  if (isPem(text)) return { form: 'PEM', text }
  const jwk = parseJwk(text)
  return jwk && { form: 'JWK', jwk, wrapped }
}

function encodedForm(text: string): KeyForm {
  const bytes = decodeBase64(text, 'base64')
  if (bytes === undefined) {
    const urlSafe = decodeBase64(text, 'base64url')
    return urlSafe === undefined ? { form: 'text' } : { form: 'bytes', bytes: urlSafe }
  }
  const wrapped = textForm(bytes.toString('utf8'), true)
  if (wrapped !== undefined) return wrapped
  const content = derContent(bytes)
  return content === undefined ? { form: 'bytes', bytes } : { form: 'DER', bytes, content }
}

const NAMES: Readonly<Record<KeyForm['form'], string>> = {
  PEM: 'PEM text',
  JWK: 'a JWK',
  DER: 'DER',
  bytes: 'base64 text of other bytes',
  text: 'other text',
}

/** What was found, in words for messages. */
export function describeForm(found: KeyForm, { binary }: KeyMaterial): string {
  if (found.form === 'DER' && found.content === 'pkcs12') return 'PKCS#12'
  return binary && found.form === 'bytes' ? 'other bytes' : NAMES[found.form]
}
