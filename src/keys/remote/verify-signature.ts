import { type KeyObject, verify } from 'node:crypto'
import { type AlgorithmName, algorithm as specOf } from '../algorithms.ts'

/**
 * Whether a signature in JWS form is that of the bytes. Checked at once, or on the thread pool where the algorithm
 * takes long. False as well for one of another size or form.
 */
export async function verifySignature(
  alg: AlgorithmName,
  publicKey: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const spec = specOf(alg)
  if (spec.family === 'HMAC') return false
  const { hash, options, threadPool } = spec
  const key = { key: publicKey, ...options }
  if (!threadPool) return verify(hash, bytes, key, signature)
  return new Promise((resolve, reject) => {
    verify(hash, bytes, key, signature, (error, isGood) =>
      error ? reject(error) : resolve(isGood),
    )
  })
}
