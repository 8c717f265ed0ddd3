import { type KeyObject, verify } from 'node:crypto'
import { type AlgorithmName, algorithm as specOf } from './algorithms.ts'
import { onThreadPool } from './thread-pool.ts'

/**
 * Whether a signature in JWS form is that of the bytes. Checked at once, or on the thread pool where the algorithm
 * takes long. False as well for one of another size or form. Rejects with `overload` when too many wait for the pool.
 */
export async function verifySignature(
  alg: AlgorithmName,
  publicKey: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const spec = specOf(alg)
  if (spec.family === 'HMAC') return false
  const { hash, options } = spec
  if (spec.keyKind === 'RSA' && signature.length !== lengthOf(publicKey)) return false
  // With a public exponent of 65537, RSA takes 0.3 ms at most to verify, whatever it takes to sign.
  const threadPool = spec.threadPool && spec.keyKind !== 'RSA'
  const key = { key: publicKey, ...options }
  if (!threadPool) return verify(hash, bytes, key, signature)
  return onThreadPool((done) => verify(hash, bytes, key, signature, done))
}

/** Bytes of a signature (RFC 8017 sections 8.1.2 and 8.2.2); OpenSSL takes one without its zeros in front as well. */
function lengthOf({ asymmetricKeyDetails: { modulusLength = 0 } = {} }: KeyObject): number {
  return Math.ceil(modulusLength / 8)
}
