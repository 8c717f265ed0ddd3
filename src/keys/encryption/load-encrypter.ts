import type { KeyObject } from 'node:crypto'
import type { Scope } from '../../kind.ts'
import { importPublicKey } from '../formats/import-public-key.ts'
import { importSecret } from '../formats/import-secret.ts'
import type { WantedJwk } from '../formats/jwk-set.ts'
import { FOR_ENCRYPTION } from '../formats/jwk-usage.ts'
import type { KeyMaterial } from '../key-material.ts'
import { rememberErrors } from '../key-scope.ts'
import { readKeyMaterial } from '../key-source.ts'
import { formatOf } from '../key-type.ts'
import { readPublicMaterial } from '../public-material.ts'
import { type Report, reportOn } from '../report.ts'
import { checkEncryptionKey } from './check-encryption-key.ts'
import { createEncrypter, type Encrypter } from './encrypter.ts'
import { keyManagement } from './encryption-algorithms.ts'
import { checkEncryptionKid, findEncryptionKid } from './encryption-kid.ts'
import type { EncryptConfig } from './encryption-schema.ts'

/** Where the key of an `encrypt` block stands. */
type Place = 'secret' | 'publicKey'

/**
 * Reads, imports and checks the key of an `encrypt` block. `outer` is the scope of the block. Undefined after an
 * error was reported.
 */
export async function loadEncrypter(
  config: EncryptConfig,
  outer: Scope,
): Promise<Encrypter | undefined> {
  const { alg, enc } = config
  const { scope, hasFailed } = rememberErrors(outer)
  const place: Place = keyManagement(alg).key === 'secret' ? 'secret' : 'publicKey'
  checkMembers(config, place, scope)
  const source = config[place]
  if (source === undefined) return undefined
  const at = scope.at(place)
  const read = place === 'publicKey' ? readPublicMaterial : readKeyMaterial
  const material = await read(source, at)
  if (material === undefined || hasFailed()) return undefined

  const report = reportOn(material, at)
  const wanted = wantedJwk(config, place)
  const key = await importEncryptionKey(material, config, wanted, scope, report)
  if (key === undefined) return undefined
  checkEncryptionKey(key, alg, enc, report)
  const named = await findEncryptionKid(config.kid, key, material, wanted, report)
  if (named === undefined || hasFailed()) return undefined
  const encrypter = createEncrypter(alg, enc, key, material.origin, named.kid)
  return (await proveEncrypter(encrypter, report)) ? encrypter : undefined
}

/** Reports what among the members of the block contradicts `alg`. */
function checkMembers(config: EncryptConfig, place: Place, scope: Scope): void {
  const { alg, keyType, kid } = config
  const isSecret = place === 'secret'
  const other = isSecret ? 'publicKey' : 'secret'
  if (config[other] !== undefined) {
    scope.report([other], {
      severity: 'error',
      rule: 'key/mismatch',
      message: `expected ${place} for ${alg}, found ${other}`,
      hint: isSecret
        ? 'with a public key, write RSA-OAEP-256 or ECDH-ES as alg'
        : 'with a shared secret, write dir, A256KW or A256GCMKW as alg',
    })
  } else if (config[place] === undefined) {
    scope.report([], {
      severity: 'error',
      rule: 'schema/required',
      message: `required: expected ${place} for ${alg}`,
      hint: `write ${place}: { file: PATH } or { env: NAME }`,
    })
  }
  const form = keyType === undefined ? 'JWK' : formatOf(keyType).form
  if (form !== 'JWK' && (form === 'secret') !== isSecret) {
    scope.report(['keyType'], {
      severity: 'error',
      rule: 'key/type',
      message: `expected a keyType that fits ${alg}, found ${keyType}`,
      hint: 'leave it out: the format is detected',
    })
  }
  if (config.signed === false && !isSecret) {
    scope.report(['signed'], {
      severity: 'warning',
      rule: 'encrypt/unsigned-public',
      message: 'expected a signed token: under a public key anybody can make one that is not',
      hint: 'leave signed out, or encrypt with a secret that only the recipient shares',
    })
  }
  checkEncryptionKid(kid, isSecret, (fault) => scope.report(['kid'], fault))
}

function wantedJwk({ alg, enc }: EncryptConfig, place: Place): WantedJwk {
  return {
    // With `dir` the key is that of the content encryption, as its JWK says (RFC 7520 section 5.6).
    usage: { ...FOR_ENCRYPTION, algorithm: alg === 'dir' ? enc : alg },
    words: place === 'secret' ? 'a secret key' : 'a public key',
    fits: ({ kty }) => (kty === 'oct') === (place === 'secret'),
  }
}

async function importEncryptionKey(
  material: KeyMaterial,
  { alg, keyType }: EncryptConfig,
  { usage }: WantedJwk,
  { environment }: Scope,
  report: Report,
): Promise<KeyObject | undefined> {
  if (keyManagement(alg).key === 'secret') {
    return importSecret(material, keyType, report, usage)
  }
  const imported = await importPublicKey(material, report, { keyType, usage })
  const [certificate] = imported?.certificates ?? []
  if (certificate !== undefined && environment.now() > certificate.validToDate.getTime()) {
    report({
      severity: 'warning',
      rule: 'key/certificate',
      message: `expected a certificate that is valid now, found one that expired ${certificate.validToDate.toISOString()}`,
      hint: 'ask the recipient whether it still decrypts with this key',
    })
  }
  return imported?.key
}

/** Encrypts once: a key with which that fails, such as a point of small order, fails here and not at a request. */
async function proveEncrypter({ alg, encrypt }: Encrypter, report: Report): Promise<boolean> {
  try {
    await encrypt('countersign', {})
    return true
  } catch {
    report({
      severity: 'error',
      rule: 'key/mismatch',
      message: `expected a key that can encrypt with ${alg}`,
      hint: 'ask the recipient for a new key',
    })
    return false
  }
}
