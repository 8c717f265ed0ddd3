import type { Scope } from '../kind.ts'
import { checkKey } from './check-key.ts'
import { importPublicKey } from './formats/import-public-key.ts'
import { FOR_SIGNATURES } from './formats/jwk-usage.ts'
import type { KeyUse } from './key-config.ts'
import { type KeyFacts, keyFacts } from './key-facts.ts'
import { rememberErrors } from './key-scope.ts'
import type { KeyMaterialConfig } from './key-source.ts'
import { checkKeyType } from './key-type.ts'
import { checkKid } from './kid.ts'
import { loadCertificate } from './load-certificate.ts'
import type { OneKeyConfig } from './load-key.ts'
import { readPublicMaterial } from './public-material.ts'
import { reportOn } from './report.ts'

/** What decides a key that only verifiers need. */
export interface PublicKeyConfig extends Omit<OneKeyConfig, 'privateKey' | 'certificateHeaders'> {
  readonly publicKey: KeyMaterialConfig
}

/**
 * Reads, imports and checks the public half of a key that is only published, and its certificate. `outer` is the
 * scope of the entry of `keys`. Undefined after an error was reported.
 */
export async function loadPublicKey(
  config: PublicKeyConfig,
  outer: Scope,
  use: Exclude<KeyUse, 'sign'>,
): Promise<KeyFacts | undefined> {
  const { signingMethod: alg, keyType, kid, allowWeakKey = false } = config
  const { scope, hasFailed } = rememberErrors(outer)
  const place = scope.at('publicKey')
  checkKid(kid, alg, scope.at('kid'))
  if (keyType) checkKeyType(keyType, alg, (fault) => scope.report(['keyType'], fault))
  const found = await readPublicMaterial(config.publicKey, place)
  if (found === undefined || hasFailed()) return undefined

  const report = reportOn(found, place)
  const usage = { ...FOR_SIGNATURES, algorithm: alg }
  const imported = await importPublicKey(found, report, { keyType, usage })
  if (imported === undefined) return undefined
  const { key: publicKey, certificates } = imported
  checkKey(publicKey, alg, allowWeakKey, report)
  const origin = { written: config.certificate, beside: certificates, publicKey }
  const certificate = await loadCertificate(origin, use, scope, report)
  if (hasFailed()) return undefined
  return keyFacts({ alg, publicKey, certificate, account: found.account }, kid, scope.at('kid'))
}
