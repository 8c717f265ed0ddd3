import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  loadKey,
  publicJwks,
} from '../../../src/keys/index.ts'
import type { JsonObject } from '../../../src/types.ts'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { anyJwk, loadedKeys, privateMembers } from '../../support/private-members.ts'
import { recordingScope } from '../../support/recording-scope.ts'

const PUBLIC = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y', 'x5c', 'x5t', 'x5t#S256']

async function load(signingMethod: AlgorithmName, text: string, kid?: string) {
  const { scope } = recordingScope({ variables: { KEY: text } })
  return (await loadKey({ signingMethod, privateKey: { env: 'KEY' }, kid }, scope))!
}

describe('publicJwks', () => {
  it('holds the public half of every key pair, and no secret', async () => {
    const keys = await Promise.all([
      load('RS256', rsaKeys().pkcs8, 'r'),
      load('ES512', ecKeys('P-521').pkcs8, 'e'),
      load('EdDSA', ed25519Keys().pkcs8, 'o'),
      load('HS256', hmacSecret(), 'h'),
    ])
    const common = { use: 'sig' }
    expect(publicJwks(keys).keys).toEqual([
      { ...rsaKeys().publicJwk, ...common, kid: 'r', alg: 'RS256' },
      { ...ecKeys('P-521').publicJwk, ...common, kid: 'e', alg: 'ES512' },
      { ...ed25519Keys().publicJwk, ...common, kid: 'o', alg: 'EdDSA' },
    ])
  })

  it('holds a key once that several policies use', async () => {
    const text = ecKeys().pkcs8
    const keys = [
      await load('ES256', text),
      await load('ES256', text),
      await load('ES256', text, 'b'),
    ]
    expect(publicJwks(keys).keys.map(({ kid }) => kid)).toEqual([keys[0]?.kid, 'b'])
  })

  it('leaves alg out for a key that signs with several algorithms under one kid', async () => {
    const text = rsaKeys().pkcs8
    const keys = [await load('RS256', text), await load('PS256', text), await load('RS256', text)]
    const { n, e } = rsaKeys().publicJwk
    expect(publicJwks(keys).keys).toEqual([{ kty: 'RSA', n, e, kid: keys[0]?.kid, use: 'sig' }])
  })

  it('keeps two keys apart that share a kid', async () => {
    const keys = [
      await load('ES256', ecKeys('P-256', 'one').pkcs8, 'same'),
      await load('ES256', ecKeys('P-256', 'two').pkcs8, 'same'),
    ]
    expect(publicJwks(keys).keys).toHaveLength(2)
  })

  it('holds of one key under several certificates what came first', () => {
    const jwk = { ...ecKeys().publicJwk, kid: 'a', alg: 'ES256' } as unknown as JsonObject
    const keys = ['new', 'old'].map((x5t) => ({ publicJwk: { ...jwk, x5t } }))
    expect(publicJwks(keys).keys).toEqual([{ ...jwk, x5t: 'new' }])
  })

  it('never holds a private member, whatever is put in', () => {
    fc.assert(
      fc.property(fc.array(anyJwk), (jwks) => {
        const { keys } = publicJwks(jwks.map((publicJwk) => ({ publicJwk })))
        expect(privateMembers(keys)).toEqual([])
        for (const key of keys) {
          expect(PUBLIC).toEqual(expect.arrayContaining(Object.keys(key)))
          expect(['RSA', 'EC', 'OKP']).toContain(key.kty)
        }
        expect(JSON.stringify(keys)).not.toContain('PRIVATE')
      }),
    )
  })

  it('T087 never holds a private member of a real key, with a certificate or without', async () => {
    const loaded = await loadedKeys(ALGORITHM_NAMES)
    const { keys } = publicJwks(loaded)
    expect(privateMembers(keys)).toEqual([])
    const secrets = loaded.filter(({ publicJwk }) => publicJwk === undefined)
    expect(secrets.map(({ signer }) => signer.alg)).toEqual(['HS256', 'HS384', 'HS512'])
    expect(keys.length).toBeGreaterThanOrEqual(ALGORITHM_NAMES.length - secrets.length)
  })

  it('is looked through by a test that finds a private member', () => {
    expect(
      privateMembers({ keys: [{ kty: 'RSA', x: [{ Dp: '' }] }, { oth: [{ d: '' }] }] }),
    ).toEqual(['Dp', 'oth', 'd'])
  })
})
