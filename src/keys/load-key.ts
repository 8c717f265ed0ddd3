import type { Scope } from '../kind.ts'
import type { JsonObject, Signer } from '../types.ts'
import type { AlgorithmName } from './algorithms.ts'
import type { KeyCertificate } from './certificate.ts'
import { checkKey } from './check-key.ts'
import type { KeyUse } from './key-config.ts'
import { type KeyFacts, keyFacts } from './key-facts.ts'
import { rememberErrors } from './key-scope.ts'
import { type KeyMaterialConfig, type KeySourceConfig, readKeySource } from './key-source.ts'
import { checkKeyType, type KeyType } from './key-type.ts'
import { checkKid, type KidConfig } from './kid.ts'
import { loadCertificate } from './load-certificate.ts'
import { keyIdentity, loadedKeys } from './loaded-keys.ts'
import { proveKey } from './prove-key.ts'
import { reportOn } from './report.ts'
import { signWhileValid } from './sign-while-valid.ts'
import { usableKey } from './usable-key.ts'

/** What decides one key. */
export interface OneKeyConfig {
  readonly signingMethod: AlgorithmName
  readonly privateKey: KeySourceConfig
  readonly keyType?: KeyType | undefined
  /** Where its certificate is. */
  readonly certificate?: KeyMaterialConfig | undefined
  /** Absent: all three when there is a certificate. */
  readonly certificateHeaders?: readonly ('x5c' | 'x5t' | 'x5t#S256')[] | undefined
  /** Absent: `thumbprint`, for HMAC `omit`. */
  readonly kid?: KidConfig | undefined
  /** Absent: false. */
  readonly allowWeakKey?: boolean | undefined
}

/** A key that is ready to sign: imported once, checked against its algorithm, named. */
export interface LoadedKey extends KeyFacts {
  readonly signer: Signer
  /** `x5c`, `x5t` and `x5t#S256` for the JOSE header, as far as there is a certificate. */
  readonly headers: JsonObject
  /** When its certificate ends, in milliseconds since the epoch; absent without one. */
  readonly validTo?: number
  /** What expressions see as `account`: the other members of the JSON secret that the key was a field of. */
  readonly account?: JsonObject
}

/**
 * Reads, imports and checks the key of a `jwt` block, an account, or one entry of `keys`. `outer` is the scope of
 * that. Undefined after an error was reported.
 */
export async function loadKey(
  config: OneKeyConfig,
  outer: Scope,
  use: KeyUse = 'sign',
): Promise<LoadedKey | undefined> {
  const { signingMethod: alg, keyType, allowWeakKey = false } = config
  const { scope, hasFailed, hasSpoken } = rememberErrors(outer)
  checkKid(config.kid, alg, scope.at('kid'))
  const isTyped =
    keyType === undefined || checkKeyType(keyType, alg, (fault) => scope.report(['keyType'], fault))
  const found = await readKeySource(config.privateKey, scope.at('privateKey'))
  if (found === undefined || !isTyped) return undefined
  const loaded = loadedKeys(scope.environment)
  const id = keyIdentity(found, config, use)
  const same = id === undefined ? undefined : loaded.get(id)
  if (same) return same

  const report = reportOn(found, scope.at('privateKey'))
  const key = await usableKey(found, config, scope, report)
  if (key === undefined) return undefined
  checkKey(key.checked, alg, allowWeakKey, report)
  const { publicKey, account } = key
  const origin = { written: config.certificate, beside: key.certificates, publicKey }
  const certificate = await loadCertificate(origin, use, scope, report)
  if (hasFailed()) return undefined

  const headers = chooseHeaders(config.certificateHeaders, certificate, scope)
  const unnamed = { alg, publicKey, certificate, account }
  const facts = await keyFacts(unnamed, config.kid, scope.at('kid'))
  if (facts === undefined) return undefined
  const signer = key.signer(facts.kid)
  await proveKey(signer, publicKey, found, scope.at('privateKey'))
  if (hasFailed()) return undefined
  const ready = {
    ...facts,
    signer: certificate ? signWhileValid(signer, certificate, scope) : signer,
    headers,
    ...(certificate && { validTo: certificate.validTo }),
    ...(account && { account }),
  }
  if (id !== undefined && !certificate && !hasSpoken()) loaded.set(id, ready)
  return ready
}

function chooseHeaders(
  names: OneKeyConfig['certificateHeaders'],
  certificate: KeyCertificate | undefined,
  scope: Scope,
): JsonObject {
  if (certificate === undefined) {
    if (names && names.length > 0) {
      scope.report(['certificateHeaders'], {
        severity: 'error',
        rule: 'key/certificate',
        message: 'expected a certificate beside the key',
        hint: 'write certificate: { file: PATH }, or leave certificateHeaders out',
      })
    }
    return {}
  }
  const { members } = certificate
  return names ? Object.fromEntries(names.map((name) => [name, members[name]])) : { ...members }
}
