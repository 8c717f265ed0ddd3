import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlgorithmName, loadKey, publicJwks } from '../../../src/keys/index.ts'
import type { JsonObject } from '../../../src/types.ts'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']
const PUBLIC = new Set(['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y'])

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

  it('never holds a private member, whatever is put in', () => {
    const name = fc.oneof(fc.constantFrom(...PUBLIC, ...PRIVATE, '__proto__'), fc.string())
    const value = fc.oneof(fc.string(), fc.jsonValue(), fc.dictionary(name, fc.string()))
    const jwk = fc
      .tuple(fc.constantFrom('RSA', 'EC', 'OKP', 'oct', '__proto__'), fc.dictionary(name, value))
      .map(([kty, members]) => ({ ...members, kty, d: 'PRIVATE' }) as unknown as JsonObject)
    fc.assert(
      fc.property(fc.array(jwk), (jwks) => {
        const { keys } = publicJwks(jwks.map((publicJwk) => ({ publicJwk })))
        for (const key of keys) {
          expect(Object.keys(key).filter((member) => !PUBLIC.has(member))).toEqual([])
          expect(Object.values(key).every((member) => typeof member === 'string')).toBe(true)
          expect(key.kty).not.toBe('oct')
        }
        expect(JSON.stringify(keys)).not.toContain('"d":')
      }),
    )
  })
})
