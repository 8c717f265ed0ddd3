import type { KeyObject } from 'node:crypto'
import type { Fault, Scope } from '../../kind.ts'
import type { AlgorithmName } from '../algorithms.ts'
import { checkKey } from '../check-key.ts'
import { importPublicKey, type PublicKeyOptions } from '../formats/import-public-key.ts'
import { importSecret } from '../formats/import-secret.ts'
import { FOR_SIGNATURES } from '../formats/jwk-usage.ts'
import type { KeyMaterial } from '../key-material.ts'
import { rememberErrors } from '../key-scope.ts'
import { type KeyMaterialConfig, readKeyMaterial } from '../key-source.ts'
import { checkKeyType } from '../key-type.ts'
import { loadCertificate } from '../load-certificate.ts'
import { readPublicMaterial } from '../public-material.ts'
import { type Report, reportOn } from '../report.ts'
import type { VerifyingKeyConfig } from './verifying-key-config.ts'
import type { VerifyingKeys } from './verifying-keys.ts'

/** What narrows the key. */
interface OneKeyRules extends Pick<VerifyingKeyConfig, 'keyType' | 'allowWeakKey'> {
  readonly algorithms: readonly AlgorithmName[]
}

/**
 * The one key of an issuer, whatever `kid` its tokens have, from the source that is written as `member`. Undefined
 * after an error was reported.
 */
export async function loadOneKey(
  member: keyof typeof MEMBERS,
  source: KeyMaterialConfig,
  { keyType, allowWeakKey = false, algorithms }: OneKeyRules,
  outer: Scope,
): Promise<VerifyingKeys | undefined> {
  const { scope, hasFailed } = rememberErrors(outer)
  const place = scope.at(member)
  const { read, importKey } = MEMBERS[member]
  const found = await read(source, place)
  if (found === undefined) return undefined
  const report = reportOnce(found, place)
  let key: KeyObject | undefined
  for (const algorithm of algorithms) {
    if (keyType) checkKeyType(keyType, algorithm, (fault) => scope.report(['keyType'], fault))
    const options = { keyType, usage: { ...FOR_SIGNATURES, algorithm } }
    key = await importKey(found, options, report, scope)
    if (key === undefined || hasFailed()) return undefined
    checkKey(key, algorithm, allowWeakKey, report)
  }
  if (key === undefined || hasFailed()) return undefined
  const keys = [key]
  return { find: ({ alg }) => (algorithms.includes(alg) ? keys : []) }
}

interface Member {
  readonly read: (source: KeyMaterialConfig, scope: Scope) => Promise<KeyMaterial | undefined>
  /** `scope` is that of the authenticator's kind. Undefined after an error was reported. */
  importKey(
    found: KeyMaterial,
    options: PublicKeyOptions,
    report: Report,
    scope: Scope,
  ): Promise<KeyObject | undefined>
}

const MEMBERS = {
  secret: {
    read: readKeyMaterial,
    async importKey(found, { keyType, usage }, report) {
      return importSecret(found, keyType, report, usage)
    },
  },
  publicKey: { read: readPublicMaterial, importKey: importPublicHalf },
} as const satisfies Record<string, Member>

/** Of a certificate the key counts, and that it has expired is only warned about. */
async function importPublicHalf(
  found: KeyMaterial,
  options: PublicKeyOptions,
  report: Report,
  scope: Scope,
): Promise<KeyObject | undefined> {
  const imported = await importPublicKey(found, report, options)
  if (imported === undefined) return undefined
  const { key, certificates, ofPrivate } = imported
  if (ofPrivate) {
    report({
      severity: 'warning',
      rule: 'key/private',
      message: 'expected a public key, found a private one, of which only the public half is used',
      hint: 'write the public half there, and keep the private key where tokens are signed',
    })
  }
  const origin = { written: undefined, beside: certificates, publicKey: key }
  await loadCertificate(origin, 'next', scope, report)
  return key
}

/** Tells once what is wrong for several algorithms. */
function reportOnce(found: KeyMaterial, scope: Scope): Report {
  const report = reportOn(found, scope)
  const told = new Set<string>()
  return (fault: Fault, member) => {
    if (!told.has(fault.message)) report(fault, member)
    told.add(fault.message)
  }
}
