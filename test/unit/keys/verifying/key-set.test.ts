import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ALGORITHM_NAMES, type AlgorithmName } from '../../../../src/keys/index.ts'
import { createKeySet } from '../../../../src/keys/verifying/key-set.ts'
import type { Fault } from '../../../../src/kind.ts'
import { ecKeys, ed25519Keys, rsaKeys } from '../../../support/keys.ts'

const rsa = rsaKeys().publicJwk
const otherRsa = rsaKeys(2048, 'other').publicJwk
const ec = ecKeys().publicJwk
const secret = (bytes: number) => ({ kty: 'oct', k: randomBytes(bytes).toString('base64url') })

async function setOf(members: readonly unknown[], allowWeakKey = false) {
  const faults: (Fault & { readonly index: number })[] = []
  const keys = await createKeySet(members, {
    algorithms: ALGORITHM_NAMES,
    allowWeakKey,
    report: (fault, index) => faults.push({ ...fault, index }),
  })
  const find = (alg: AlgorithmName, kid?: string) =>
    keys
      .find({ alg, ...(kid !== undefined && { kid }) })
      .map((key) => key.export({ format: 'jwk' }))
  return { keys, find, faults }
}

describe('a set of verifying keys', () => {
  it('finds the key that a token names, for each algorithm that it fits', async () => {
    const { find } = await setOf([
      { ...rsa, kid: 'a' },
      { ...otherRsa, kid: 'b' },
      { ...ec, kid: 'c' },
      { ...ed25519Keys().publicJwk, kid: 'd', alg: 'Ed25519' },
      { ...secret(64), kid: 'e' },
    ])
    expect(find('RS256', 'a')).toEqual([rsa])
    expect(find('PS512', 'b')).toEqual([otherRsa])
    expect(find('ES256', 'c')).toEqual([ec])
    expect(find('EdDSA', 'd')).toHaveLength(1)
    expect(find('HS512', 'e')).toHaveLength(1)
  })

  it.each(['A', 'a ', '', 'á', '../a', "a' or '1'='1", '__proto__', 'x'.repeat(10_000)])(
    'T100 finds no key for the kid %s, which only differs',
    async (kid) => {
      const { find, keys } = await setOf([{ ...rsa, kid: 'a' }])
      expect(find('RS256', kid)).toEqual([])
      expect(keys.knows(kid)).toBe(false)
    },
  )

  it('gives no key for an algorithm of another type, whatever its kid', async () => {
    const { find } = await setOf([
      { ...rsa, kid: 'a' },
      { ...ec, kid: 'b' },
    ])
    for (const alg of ['HS256', 'ES256', 'EdDSA'] as const) expect(find(alg, 'a')).toEqual([])
    for (const alg of ['HS256', 'RS256', 'ES384'] as const) expect(find(alg, 'b')).toEqual([])
  })

  it('T101 gives a token without kid the only key that fits, and none of several', async () => {
    const { find } = await setOf([{ ...rsa, kid: 'a' }, otherRsa, ec])
    expect(find('RS256')).toEqual([])
    expect(find('ES256')).toEqual([ec])
    expect(find('EdDSA')).toEqual([])
  })

  it('does not give a token with a kid a key that has none', async () => {
    const { find } = await setOf([ec])
    expect(find('ES256', 'a')).toEqual([])
  })

  it('T101 uses none of the keys that share a kid, and the others still', async () => {
    const { find, keys, faults } = await setOf([
      { ...rsa, kid: 'a' },
      { ...otherRsa, kid: 'a' },
      { ...ec, kid: 'b' },
    ])
    expect(find('RS256', 'a')).toEqual([])
    expect(find('RS256')).toEqual([])
    expect(find('ES256', 'b')).toEqual([ec])
    expect(keys.knows('a')).toBe(true)
    expect(faults.map(({ rule, index }) => [rule, index])).toEqual([
      ['key/ambiguous', 0],
      ['key/ambiguous', 1],
    ])
  })

  it.each([
    ['is for encryption', { ...rsa, use: 'enc' }, []],
    ['may not verify', { ...rsa, key_ops: ['encrypt'] }, ['key/usage']],
    ['may only sign', { ...rsa, key_ops: ['sign'] }, ['key/usage']],
    ['has a use that is no text', { ...rsa, use: ['sig'] }, ['key/usage']],
    ['is for another algorithm', { ...rsa, alg: 'RSA-OAEP' }, []],
    ['is weak, and for another algorithm', { ...rsaKeys(1024).publicJwk, alg: 'RSA-OAEP' }, []],
    ['has 1024 bits', rsaKeys(1024).publicJwk, ['key/weak']],
    ['has the exponent 3', { ...rsa, e: 'Aw' }, ['key/weak']],
    ['has no modulus', { kty: 'RSA', e: 'AQAB' }, ['key/parse']],
    ['is not on its curve', { ...ec, x: ec.y }, ['key/parse']],
    ['is of a curve that nothing signs with', ecKeys('secp256k1').publicJwk, []],
    ['is of a type that nobody knows', { kty: 'AKP', pub: 'AA' }, ['key/mismatch']],
    ['is a secret of 31 bytes', secret(31), ['key/weak', 'key/weak', 'key/weak']],
    ['has a kid that is no text', { ...rsa, kid: 5 }, ['key/ambiguous']],
    ['is no JWK', { keys: [rsa] }, []],
    ['is null', null, []],
    ['is text', 'RSA', []],
  ])('T101 passes over a member that %s', async (_, member, rules) => {
    const { keys, faults } = await setOf([member])
    expect(ALGORITHM_NAMES.filter((alg) => keys.count(alg) > 0)).toEqual([])
    expect(faults.map(({ rule }) => rule)).toEqual(rules)
  })

  it('holds a key to the algorithm that it names', async () => {
    const { find } = await setOf([{ ...rsa, kid: 'a', alg: 'RS256', use: 'sig' }])
    expect(find('RS256', 'a')).toHaveLength(1)
    expect(find('RS384', 'a')).toEqual([])
    expect(find('PS256', 'a')).toEqual([])
  })

  it('uses a secret for the hashes that it is long enough for', async () => {
    const { find } = await setOf([{ ...secret(48), kid: 'a' }])
    expect(find('HS256', 'a')).toHaveLength(1)
    expect(find('HS384', 'a')).toHaveLength(1)
    expect(find('HS512', 'a')).toEqual([])
  })

  it('uses a weak key, with a warning, where that was asked for', async () => {
    const { find, faults } = await setOf([rsaKeys(1024).publicJwk], true)
    expect(find('RS256')).toHaveLength(1)
    expect(faults.map(({ rule, severity }) => [rule, severity])).toEqual([['key/weak', 'warning']])
  })

  it('takes the public half of a private key', async () => {
    const { keys } = await setOf([{ ...rsaKeys().privateJwk, kid: 'a' }])
    expect(keys.find({ alg: 'RS256', kid: 'a' }).map(({ type }) => type)).toEqual(['public'])
  })

  it('takes the key from its own members, whatever key stands beside them', async () => {
    const beside = { x5c: [otherRsa.n], pem: rsaKeys(2048, 'other').spki }
    const { find } = await setOf([{ ...rsa, ...beside, kid: 'a' }])
    expect(find('RS256', 'a')).toEqual([rsa])
  })
})
