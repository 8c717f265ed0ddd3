import { createPublicKey } from 'node:crypto'
import type { ImportedKey, KeyMaterial } from '../key-material.ts'
import type { KeyType } from '../key-type.ts'
import { publicKeyMembers, publicMembers } from '../public-jwk.ts'
import { type Report, refusing } from '../report.ts'
import { checkAsymmetricType, checkFormat } from './check-format.ts'
import { importPublicDer } from './import-der.ts'
import { importPublicPem } from './import-pem.ts'
import type { UncheckedJwk } from './jwk.ts'
import { checkUsage, type JwkUsage } from './jwk-usage.ts'
import { readKeyForm } from './key-form.ts'

/** What narrows the public key that is accepted. */
export interface PublicKeyOptions {
  /** Absent: the format is detected. */
  readonly keyType?: KeyType | undefined
  /** What a JWK must be for. */
  readonly usage: JwkUsage
}

/**
 * The public key in a material: SPKI, PKCS#1, an X.509 certificate, a JWK, or the public half of a private key; as
 * PEM, as base64 of DER, or wrapped in base64 as a whole. Its certificates come along, leaf first. Undefined after an
 * error was reported.
 */
export async function importPublicKey(
  material: KeyMaterial,
  report: Report,
  { keyType, usage }: PublicKeyOptions,
): Promise<ImportedKey | undefined> {
  const wanted = { usage, words: 'a public key', fits: (jwk: UncheckedJwk) => jwk.kty !== 'oct' }
  const found = readKeyForm(material, wanted, report)
  if (found === undefined || !checkFormat(keyType, found, material, report)) return undefined
  const imported = await importForm()
  return imported && checkAsymmetricType(keyType, imported.key, report) ? imported : undefined

  async function importForm(): Promise<ImportedKey | undefined> {
    const { passphrase } = material
    switch (found?.form) {
      case 'PEM':
        return importPublicPem(found.text, passphrase, report)
      case 'DER':
        return importPublicDer(found.bytes, found.content, passphrase, report)
      case 'JWK':
        return importPublicJwk(found.jwk, usage, report)
    }
    return refusing(report)(
      'key/parse',
      'expected a public key as PEM, JWK, or base64 of DER',
      'it begins with -----BEGIN PUBLIC KEY-----, -----BEGIN CERTIFICATE----- or {"kty":',
    )
  }
}

function importPublicJwk(
  jwk: UncheckedJwk,
  usage: JwkUsage,
  report: Report,
): ImportedKey | undefined {
  const refuse = refusing(report)
  if (!checkUsage(jwk, usage, report)) return undefined
  if (publicKeyMembers(jwk) === undefined) {
    return refuse(
      'key/mismatch',
      'expected a JWK of kty RSA, EC or OKP',
      'a secret has no public half: every holder of it can decrypt and sign',
    )
  }
  try {
    const key = createPublicKey({ key: publicMembers(jwk), format: 'jwk' })
    return { key, certificates: [], ofPrivate: jwk.d !== undefined }
  } catch {
    return refuse(
      'key/parse',
      'expected a JWK whose members form a public key',
      'RSA needs n e, EC needs crv x y, OKP needs crv x',
    )
  }
}
