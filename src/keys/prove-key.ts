import { type KeyObject, verify } from 'node:crypto'
import { CountersignError } from '../errors.ts'
import type { Scope } from '../kind.ts'
import type { Signer } from '../types.ts'
import { type AlgorithmName, type SignatureAlgorithm, algorithm as specOf } from './algorithms.ts'
import type { FoundKey } from './key-material.ts'
import { RemoteFault } from './remote/remote-fault.ts'
import { reportOn } from './report.ts'

/**
 * Signs once and verifies: a key whose halves do not belong together fails here, not at a verifier. Without a public
 * half, as for a secret, it signs once. An error is reported to `scope`, that of the key source.
 */
export async function proveKey(
  signer: Signer,
  publicKey: KeyObject | undefined,
  found: FoundKey,
  scope: Scope,
): Promise<void> {
  const { hash, options } = specOf(signer.alg as AlgorithmName) as SignatureAlgorithm
  const sample = Buffer.from('countersign')
  try {
    const signature = await signer.sign(sample)
    if (!publicKey) return
    if (verify(hash, sample, { key: publicKey, ...options }, signature)) return
  } catch (error) {
    const cause = error instanceof CountersignError ? error.cause : undefined
    if (cause instanceof RemoteFault) {
      const { message, hint, member } = cause
      scope.report(member, { severity: 'error', rule: 'key/unavailable', message, hint })
      return
    }
    // Reported below: both ways the key does not do what the algorithm needs.
  }
  const report = reportOn(found, scope)
  if (!publicKey) {
    const message = `expected a secret that signs with ${signer.alg}`
    report({ severity: 'error', rule: 'key/unavailable', message, hint: 'use another secret' })
    return
  }
  report({
    severity: 'error',
    rule: 'key/mismatch',
    message: `expected a key whose ${signer.alg} signature its public half verifies`,
    hint: 'the halves do not belong together, or the key is too small for the hash: use another key',
  })
}
