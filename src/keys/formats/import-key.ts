import { type AlgorithmName, algorithm as specOf } from '../algorithms.ts'
import type { ImportedKey, KeyMaterial } from '../key-material.ts'
import type { KeyType } from '../key-type.ts'
import { type Report, refusing } from '../report.ts'
import { checkAsymmetricType, checkFormat } from './check-format.ts'
import { importDer } from './import-der.ts'
import { importJwk } from './import-jwk.ts'
import { importPem } from './import-pem.ts'
import { importSecret } from './import-secret.ts'
import type { UncheckedJwk } from './jwk.ts'
import type { WantedJwk } from './jwk-set.ts'
import { forSigning } from './jwk-usage.ts'
import { type KeyForm, readKeyForm } from './key-form.ts'
import { importRawEd25519 } from './raw-ed25519.ts'

/**
 * The private or secret key in a material, in any accepted format or only in the declared one, and the certificates
 * that stood beside it. Undefined after an error was reported.
 */
export async function importKey(
  material: KeyMaterial,
  algorithm: AlgorithmName,
  keyType: KeyType | undefined,
  report: Report,
): Promise<ImportedKey | undefined> {
  if (specOf(algorithm).family === 'HMAC') {
    const secret = importSecret(material, keyType, report, forSigning(algorithm))
    return secret && { key: secret, certificates: [] }
  }
  const found = readKeyForm(material, wantedJwk(algorithm), report)
  if (found === undefined || !checkFormat(keyType, found, material, report)) return undefined
  const imported = await importForm(found, material, algorithm, report)
  return imported && checkAsymmetricType(keyType, imported.key, report) ? imported : undefined
}

async function importForm(
  found: KeyForm,
  { passphrase, binary }: KeyMaterial,
  algorithm: AlgorithmName,
  report: Report,
): Promise<ImportedKey | undefined> {
  switch (found.form) {
    case 'PEM':
      return importPem(found.text, passphrase, report)
    case 'DER':
      return importDer(found.bytes, found.content, passphrase, report)
    case 'JWK': {
      const key = importJwk(found.jwk, forSigning(algorithm), report)
      return key && { key, certificates: [] }
    }
    case 'bytes':
      if (algorithm === 'EdDSA') {
        const key = importRawEd25519(found.bytes, report)
        return key && { key, certificates: [] }
      }
  }
  return refusing(report)(
    'key/parse',
    `expected PEM, JWK, or base64 of DER or PKCS#12, for ${algorithm}`,
    binary
      ? 'the file is no text in UTF-8, and neither DER nor PKCS#12: it is damaged, or another file was meant'
      : 'a key begins with -----BEGIN PRIVATE KEY----- or {"kty":; base64 must be whole',
  )
}

function wantedJwk(algorithm: AlgorithmName): WantedJwk {
  const { keyKind } = specOf(algorithm)
  return {
    usage: forSigning(algorithm),
    words: `a private ${keyKind} key`,
    fits: (jwk) => jwk.d !== undefined && keyKindOf(jwk) === keyKind,
  }
}

// In the words of the algorithm table.
function keyKindOf({ kty, crv }: UncheckedJwk): unknown {
  if (kty === 'EC') return `EC ${crv}`
  return kty === 'OKP' ? crv : kty
}
