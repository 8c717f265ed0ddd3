import { createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import type { Environment } from '../environment.ts'
import type { Scope } from '../kind.ts'
import type { JsonObject, Signer } from '../types.ts'
import { type AlgorithmName, type SignatureAlgorithm, algorithm as specOf } from './algorithms.ts'
import { checkKey } from './check-key.ts'
import { importKey } from './import-key.ts'
import type { Report } from './key-material.ts'
import { type PrivateKeySource, readKeySource } from './key-source.ts'
import { kidRule } from './kid.ts'
import { publicMembers } from './public-jwk.ts'
import { createSigner } from './signer.ts'

/** The members of `jwt` or an account that decide the key. */
export interface KeyConfig {
  readonly signingMethod: AlgorithmName
  readonly privateKey: PrivateKeySource
  /** Absent: `thumbprint`, for HMAC `omit`. */
  readonly kid?: string | undefined
  /** Absent: false. */
  readonly allowWeakKey?: boolean | undefined
}

/** A key that is ready to sign: imported once, checked against its algorithm, named. */
export interface LoadedKey {
  readonly signer: Signer
  /** Absent when tokens carry no key id. */
  readonly kid?: string
  /** The public half for a JWK set, with `kid`, `alg` and `use`; absent for HMAC. */
  readonly publicJwk?: JsonObject
  /** Changes when the material changes, and only then; says nothing about a secret. */
  readonly revision: string
}

/**
 * Reads, imports and checks the key of a `jwt` block or account. `scope` is that of the block. Undefined
 * after an error was reported.
 */
export async function loadKey(config: KeyConfig, scope: Scope): Promise<LoadedKey | undefined> {
  const { signingMethod: alg, allowWeakKey = false } = config
  const rule = kidRule(config.kid, alg, (fault) => scope.report(['kid'], fault))
  const material = await readKeySource(config.privateKey, scope.at('privateKey'))
  if (material === undefined) return undefined

  let failed = rule === undefined
  const report: Report = (fault) => {
    failed ||= fault.severity === 'error'
    scope.report(['privateKey', ...material.path], {
      ...fault,
      message: `${fault.message} (key from ${material.origin})`,
    })
  }
  const key = importKey(material, alg, report)
  if (key === undefined) return undefined
  checkKey(key, alg, allowWeakKey, report)
  if (failed || rule === undefined) return undefined

  const spec = specOf(alg)
  if (spec.family === 'HMAC') {
    return {
      signer: createSigner(alg, key, material.origin, rule.name),
      ...(rule.name !== undefined && { kid: rule.name }),
      revision: secretRevision(key, scope.environment),
    }
  }
  const publicKey = createPublicKey(key)
  const thumbprint = await calculateJwkThumbprint(publicKey)
  const kid = rule.thumbprint ? thumbprint : rule.name
  const signer = createSigner(alg, key, material.origin, kid)
  await proveKey(signer, publicKey, spec, report)
  if (failed) return undefined
  return {
    signer,
    ...(kid !== undefined && { kid }),
    publicJwk: publicMembers({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }),
    revision: thumbprint,
  }
}

/** Salts of the revisions of secrets: one a process, so that a reload finds the same revision. */
const salts = new WeakMap<Environment, Uint8Array>()

function secretRevision(key: KeyObject, environment: Environment): string {
  const salt = salts.get(environment) ?? environment.random(32)
  salts.set(environment, salt)
  return createHmac('sha256', salt).update(key.export()).digest('base64url')
}

/** Signs once and verifies: a key whose halves do not belong together fails here, not at a verifier. */
async function proveKey(
  signer: Signer,
  publicKey: KeyObject,
  { hash, options }: SignatureAlgorithm,
  report: Report,
): Promise<void> {
  const sample = Buffer.from('countersign')
  try {
    const signature = await signer.sign(sample)
    if (verify(hash, sample, { key: publicKey, ...options }, signature)) return
  } catch {
    // Reported below: both ways the key does not do what the algorithm needs.
  }
  report({
    severity: 'error',
    rule: 'key/mismatch',
    message: `expected a key whose ${signer.alg} signature its public half verifies`,
    hint: 'the halves do not belong together, or the key is too small for the hash: use another key',
  })
}
