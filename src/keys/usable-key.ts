import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto'
import type { Scope } from '../kind.ts'
import type { JsonObject, Signer } from '../types.ts'
import type { AlgorithmName } from './algorithms.ts'
import { importKey } from './formats/import-key.ts'
import type { FoundKey } from './key-material.ts'
import type { KeyType } from './key-type.ts'
import type { Report } from './report.ts'
import { createSigner } from './signer.ts'

/** A key wherever its private half lives, before it is checked and has a name. */
export interface UsableKey {
  /** The secret, or either half: what is checked against the algorithm. */
  readonly checked: KeyObject
  /** Absent for a secret. */
  readonly publicKey?: KeyObject
  /** Those that stood beside it, leaf first. */
  readonly certificates: readonly X509Certificate[]
  /** The other members of the JSON document that it was a field of. */
  readonly account?: JsonObject | undefined
  /** Signs with it under this name. */
  signer(kid: string | undefined): Signer
}

/** What is wanted of a key. */
interface Wanted {
  readonly signingMethod: AlgorithmName
  readonly keyType?: KeyType | undefined
}

/**
 * Imports a key, or takes a remote one as it is. Undefined after an error was reported: to `report` what is wrong
 * with the key, to `scope` (where `keyType` stands) what is wrong beside it.
 */
export async function usableKey(
  found: FoundKey,
  { signingMethod: alg, keyType }: Wanted,
  scope: Scope,
  report: Report,
): Promise<UsableKey | undefined> {
  if (!('publicKey' in found)) {
    const imported = await importKey(found, alg, keyType, report)
    if (imported === undefined) return undefined
    const { key, certificates } = imported
    return {
      checked: key,
      ...(key.type === 'private' && { publicKey: createPublicKey(key) }),
      certificates,
      account: found.account,
      signer: (kid) => createSigner(alg, key, found.origin, kid),
    }
  }
  const { publicKey, origin } = found
  if (keyType !== undefined) {
    scope.report(['keyType'], {
      severity: 'error',
      rule: 'key/type',
      message: `expected no keyType: ${origin} holds the key, there is no format to declare`,
      hint: 'leave it out',
    })
    return undefined
  }
  return {
    checked: publicKey,
    publicKey,
    certificates: [],
    signer: (kid) => ({
      alg,
      ...(kid !== undefined && { kid }),
      sign: (bytes) => found.sign(alg, bytes),
    }),
  }
}
