import { createHmac, type KeyObject, sign } from 'node:crypto'
import { CountersignError } from '../errors.ts'
import type { Signer } from '../types.ts'
import {
  type AlgorithmName,
  type HmacAlgorithm,
  type SignatureAlgorithm,
  algorithm as specOf,
} from './algorithms.ts'

/**
 * A signer with a private or secret key in memory. Cheap signatures are made at once; RSA, P-384 and P-521
 * on the thread pool. A failure is `key/unavailable`; `origin` names the key in it.
 */
export function createSigner(
  alg: AlgorithmName,
  key: KeyObject,
  origin: string,
  kid?: string,
): Signer {
  const spec = specOf(alg)
  const make = spec.family === 'HMAC' ? hmac(spec, key) : signature(spec, key)
  const fail = (cause: unknown): never => {
    throw new CountersignError(
      'key/unavailable',
      `expected the key from ${origin} to sign with ${alg}`,
      {},
      { cause },
    )
  }
  return {
    alg,
    ...(kid !== undefined && { kid }),
    sign(bytes) {
      try {
        const result = make(bytes)
        return result instanceof Promise ? result.catch(fail) : result
      } catch (error) {
        return fail(error)
      }
    },
  }
}

type Sign = Signer['sign']

function hmac({ hash }: HmacAlgorithm, key: KeyObject): Sign {
  return (bytes) => createHmac(hash, key).update(bytes).digest()
}

function signature({ hash, options, threadPool }: SignatureAlgorithm, key: KeyObject): Sign {
  const input = { key, ...options }
  if (!threadPool) return (bytes) => sign(hash, bytes, input)
  return (bytes) =>
    new Promise((resolve, reject) => {
      sign(hash, bytes, input, (error, result) => (error ? reject(error) : resolve(result)))
    })
}
