import { expect, it } from 'vitest'
import { proveKey } from '../../../src/keys/prove-key.ts'
import { createSigner } from '../../../src/keys/signer.ts'
import { ecKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'

const FOUND = { origin: 'K', path: [] } as unknown as Parameters<typeof proveKey>[2]
const broken = (alg: string) => ({
  alg,
  sign: () => {
    throw new Error('this library signs with nothing so short')
  },
})

it.each([
  ['a secret that does not sign', broken('HS256'), undefined, 'key/unavailable'],
  ['a key that does not sign', broken('ES256'), ecKeys().publicKey, 'key/mismatch'],
  [
    'a key of another public half',
    createSigner('ES256', ecKeys('P-256', 'other').privateKey, 'K'),
    ecKeys().publicKey,
    'key/mismatch',
  ],
])('R6 refuses %s', async (_what, signer, publicKey, rule) => {
  const { scope, faults } = recordingScope()
  await proveKey(signer, publicKey, FOUND, scope)
  expect(faults.map((fault) => fault.rule)).toEqual([rule])
})

it('R6 takes a key that signs what its public half verifies', async () => {
  const { scope, faults } = recordingScope()
  const { privateKey, publicKey } = ecKeys()
  await proveKey(createSigner('ES256', privateKey, 'K'), publicKey, FOUND, scope)
  expect(faults).toEqual([])
})
