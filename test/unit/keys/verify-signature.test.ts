import { createSecretKey, type KeyObject, sign } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type SignatureAlgorithm, algorithm as specOf } from '../../../src/keys/algorithms.ts'
import type { AlgorithmName } from '../../../src/keys/index.ts'
import { verifySignature } from '../../../src/keys/verify-signature.ts'
import { busyThreadPool } from '../../support/busy-thread-pool.ts'
import { ecKeys, ed25519Keys, rsaKeys } from '../../support/keys.ts'

const BYTES = Buffer.from('header.claims')
const TABLE = [
  ['RS256', rsaKeys(), rsaKeys(3072)],
  ['PS384', rsaKeys(), rsaKeys(3072)],
  ['ES256', ecKeys('P-256'), ecKeys('P-384')],
  ['ES384', ecKeys('P-384'), ecKeys('P-256')],
  ['ES512', ecKeys('P-521'), ecKeys('P-256')],
  ['EdDSA', ed25519Keys(), ecKeys('P-256')],
] as const

function signed(alg: AlgorithmName, key: KeyObject, options = {}): Buffer {
  const spec = specOf(alg) as SignatureAlgorithm
  return sign(spec.hash, BYTES, { key, ...spec.options, ...options })
}

describe('the check of a signature', () => {
  it('takes no RSA signature without the zero that it begins with, nor with one more', async () => {
    const { privateKey, publicKey } = rsaKeys()
    // one in 256 begins with a zero, as each has a salt of its own
    let found = signed('PS256', privateKey)
    for (let tries = 0; found[0] !== 0 && tries < 5000; tries += 1) {
      found = signed('PS256', privateKey)
    }
    expect(found[0]).toBe(0)
    const check = (signature: Buffer) => verifySignature('PS256', publicKey, BYTES, signature)
    expect(await check(found)).toBe(true)
    expect(await check(found.subarray(1))).toBe(false)
    expect(await check(Buffer.concat([Buffer.of(0), found]))).toBe(false)
  })

  it.each(TABLE)('knows a good %s signature and a bad one', async (alg, pair, other) => {
    const good = signed(alg, pair.privateKey)
    const altered = Buffer.concat([good.subarray(0, -1), Buffer.of(good.at(-1)! ^ 1)])
    const verify = (signature: Uint8Array, bytes = BYTES) =>
      verifySignature(alg, pair.publicKey, bytes, signature)
    expect(await verify(good)).toBe(true)
    expect(await verify(good, Buffer.from('header.other'))).toBe(false)
    for (const bad of [altered, good.subarray(1), Buffer.concat([good, good]), Buffer.alloc(0)]) {
      expect(await verify(bad)).toBe(false)
    }
    expect(await verifySignature(alg, other.publicKey, BYTES, good).catch(() => false)).toBe(false)
  })

  it.each([
    ['ES256', 'P-256'],
    ['ES384', 'P-384'],
    ['ES512', 'P-521'],
  ] as const)('does not take DER for an %s signature', async (alg, curve) => {
    const { privateKey, publicKey } = ecKeys(curve)
    const der = signed(alg, privateKey, { dsaEncoding: 'der' })
    expect(await verifySignature(alg, publicKey, BYTES, der)).toBe(false)
  })

  it('takes nothing for a signature with a secret', async () => {
    const key = createSecretKey(Buffer.alloc(32))
    expect(await verifySignature('HS256', key, BYTES, Buffer.alloc(32))).toBe(false)
  })

  it.each([
    ['ES256', 'P-256', 'at once'],
    ['ES512', 'P-521', 'on the thread pool'],
  ] as const)('of %s with %s runs %s', async (alg, curve, where) => {
    const { privateKey, publicKey } = ecKeys(curve)
    const signature = signed(alg, privateKey)
    const busy = busyThreadPool()
    const first = await Promise.race([
      verifySignature(alg, publicKey, BYTES, signature).then(() => 'at once'),
      nextTurn('on the thread pool'),
    ])
    await busy
    expect(first).toBe(where)
  })
})
