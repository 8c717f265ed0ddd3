import { createPublicKey, createSecretKey } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { CountersignError } from '../../../src/errors.ts'
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  generateKey,
  loadKey,
} from '../../../src/keys/index.ts'
import { createSigner } from '../../../src/keys/signer.ts'
import { rsaKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { compact } from './compact.ts'

async function load(signingMethod: AlgorithmName) {
  const text = generateKey(signingMethod).reveal()
  const { scope, faults } = recordingScope({ variables: { SIGNING_KEY: text } })
  const key = await loadKey({ signingMethod, privateKey: { env: 'SIGNING_KEY' } }, scope)
  expect(faults).toEqual([])
  const verifyingKey = signingMethod.startsWith('HS')
    ? text
    : createPublicKey(text).export({ type: 'spki', format: 'pem' }).toString()
  return { signer: key!.signer, verifyingKey }
}

describe('a signer', () => {
  it.each(ALGORITHM_NAMES)('makes %s signatures that another library verifies', async (name) => {
    const { signer, verifyingKey } = await load(name)
    const verify = createVerifier({ key: verifyingKey, algorithms: [name] })

    expect(signer.alg).toBe(name)
    expect(verify(await compact(signer, { sub: 'ann' }))).toEqual({ sub: 'ann' })
  })

  it.each(ALGORITHM_NAMES)(
    'signs the very bytes with %s: one changed bit does not verify',
    async (name) => {
      const { signer, verifyingKey } = await load(name)
      const verify = createVerifier({ key: verifyingKey, algorithms: [name] })
      const [header, claims, signature] = (await compact(signer, { sub: 'ann' })).split('.')
      const forged = Buffer.from(claims!, 'base64url').toString().replace('ann', 'ano')

      expect(() =>
        verify([header, Buffer.from(forged).toString('base64url'), signature].join('.')),
      ).toThrow()
    },
  )

  it.each([
    ['HS256', false],
    ['ES256', false],
    ['EdDSA', false],
    ['RS256', true],
    ['PS512', true],
    ['ES384', true],
    ['ES512', true],
  ] as const)('of %s leaves the event loop free: %s', async (name, promised) => {
    const { signer } = await load(name)
    const result = signer.sign(Buffer.from('bytes'))
    expect(result instanceof Promise).toBe(promised)
    await result
  })

  it.each(['ES256', 'ES512', 'PS256'] as const)(
    'T092 never makes the same %s signature twice',
    async (name) => {
      const { signer } = await load(name)
      const bytes = Buffer.from('the same bytes')
      const signatures = await Promise.all(Array.from({ length: 20 }, () => signer.sign(bytes)))
      expect(
        new Set(signatures.map((signature) => Buffer.from(signature).toString('hex'))).size,
      ).toBe(20)
    },
  )

  it.each([
    ['at once', 'ES256'],
    ['on the thread pool', 'PS512'],
  ] as const)('turns a failure %s into key/unavailable', async (_, name) => {
    // Neither key can do it: a secret does not sign ES256, and 1024 bits have no room for PS512.
    const key = name === 'ES256' ? createSecretKey(Buffer.alloc(32, 'k')) : rsaKeys(1024).privateKey
    const signer = createSigner(name, key, 'env ORDERS_KEY')
    const failure = await Promise.resolve()
      .then(() => signer.sign(Buffer.from('bytes')))
      .catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(CountersignError)
    expect(failure).toMatchObject({ code: 'key/unavailable', status: 503 })
    expect((failure as Error).message).toContain('env ORDERS_KEY')
  })
})
