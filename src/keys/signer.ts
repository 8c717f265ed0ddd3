import { createHmac, type KeyObject, sign } from 'node:crypto'
import { CountersignError } from '../errors.ts'
import type { Signer } from '../types.ts'
import {
  type AlgorithmName,
  type HmacAlgorithm,
  type SignatureAlgorithm,
  algorithm as specOf,
} from './algorithms.ts'
import { onThreadPool } from './thread-pool.ts'

/**
 * A signer with a private or secret key in memory. Cheap signatures are made at once; RSA, P-384 and P-521
 * on the thread pool. A failure is `key/unavailable`, and `origin` names the key in it, or `overload`.
 */
export function createSigner(
  alg: AlgorithmName,
  key: KeyObject,
  origin: string,
  kid?: string,
): Signer {
  const spec = specOf(alg)
  const fail = (cause: unknown): never => {
    if (cause instanceof CountersignError) throw cause
    throw new CountersignError(
      'key/unavailable',
      `expected the key from ${origin} to sign with ${alg}`,
      {},
      { cause },
    )
  }
  const named = { alg, ...(kid !== undefined && { kid }) }
  if (spec.family === 'HMAC') return { ...named, ...hmac(spec, key, fail) }
  return { ...named, sign: signature(spec, key, fail) }
}

type Fail = (cause: unknown) => never

function hmac({ hash }: HmacAlgorithm, key: KeyObject, fail: Fail) {
  return {
    sign(bytes: Uint8Array): Uint8Array {
      try {
        return createHmac(hash, key).update(bytes).digest()
      } catch (error) {
        return fail(error)
      }
    },
    // without buffers on the way, a token costs three quarters
    signText(text: string): string {
      try {
        return createHmac(hash, key).update(text, 'latin1').digest('base64url')
      } catch (error) {
        return fail(error)
      }
    },
  }
}

function signature(
  { hash, options, threadPool }: SignatureAlgorithm,
  key: KeyObject,
  fail: Fail,
): Signer['sign'] {
  const input = { key, ...options }
  if (threadPool) {
    return (bytes) => onThreadPool<Uint8Array>((done) => sign(hash, bytes, input, done)).catch(fail)
  }
  return (bytes) => {
    try {
      return sign(hash, bytes, input)
    } catch (error) {
      return fail(error)
    }
  }
}
