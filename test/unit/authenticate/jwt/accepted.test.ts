import type { KeyObject } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { examiner } from './authenticator-under-test.ts'
import {
  CLAIMS,
  CONFIGS,
  claims,
  ISSUER,
  jws,
  NOW,
  rawClaims,
  rs256,
  withTrailingBits,
} from './inbound-token.ts'

const HS = { alg: 'HS256', typ: 'JWT' }

function signed(alg: string, key: KeyObject | Uint8Array, kid?: string): Promise<string> {
  const header = kid === undefined ? { alg } : { alg, kid }
  return new SignJWT(CLAIMS as unknown as JWTPayload).setProtectedHeader(header).sign(key)
}

describe('a jwt authenticator', () => {
  const secret = Buffer.from(ISSUER.secret)
  it.each<[string, KeyObject | Uint8Array, object]>([
    ['HS256', secret, { secret: ISSUER.secret }],
    ['HS384', secret, { secret: ISSUER.secret }],
    ['HS512', secret, { secret: ISSUER.secret }],
    ['RS256', ISSUER.rsa.privateKey, { publicKey: ISSUER.rsa.spki }],
    ['RS384', ISSUER.rsa.privateKey, { publicKey: ISSUER.rsa.spki }],
    ['RS512', ISSUER.rsa.privateKey, { publicKey: ISSUER.rsa.spki }],
    ['PS256', ISSUER.rsa.privateKey, { publicKey: ISSUER.rsa.spki }],
    ['PS384', ISSUER.rsa.privateKey, { publicKey: ISSUER.rsa.spki }],
    ['PS512', ISSUER.rsa.privateKey, { publicKey: ISSUER.rsa.spki }],
    ['ES256', ISSUER.p256.privateKey, { publicKey: ISSUER.p256.spki }],
    ['ES384', ISSUER.p384.privateKey, { publicKey: ISSUER.p384.spki }],
    ['ES512', ISSUER.p521.privateKey, { publicKey: ISSUER.p521.spki }],
    ['EdDSA', ISSUER.ed25519.privateKey, { publicKey: ISSUER.ed25519.spki }],
  ])(
    'accepts what jose signed with %s, and nothing of it under another algorithm',
    async (alg, key, source) => {
      const token = await signed(alg, key)
      const { examine } = await examiner({ ...source, algorithms: [alg] })
      expect(await examine(token)).toMatchObject({ caller: { scheme: 'jwt', principal: 'ann' } })

      const [, payload, signature] = token.split('.')
      const other = alg === 'HS256' ? 'HS512' : 'HS256'
      const header = Buffer.from(JSON.stringify({ alg: other })).toString('base64url')
      expect(await examine(`${header}.${payload}.${signature}`)).toEqual({
        refused: { reason: 'algorithm' },
      })
    },
  )

  it.each([
    ['an aud of several', jws(HS, claims({ aud: ['billing', 'orders'] }))],
    ['an exp with a fraction', jws(HS, claims({ exp: NOW + 0.5 }))],
    ['an exp with an exponent', jws(HS, rawClaims('"exp":4e9', { exp: undefined }))],
    ['an exp with nanoseconds', jws(HS, rawClaims(`"exp":${NOW}.123456789`, { exp: undefined }))],
    ['an exp far away', jws(HS, claims({ exp: 9e15 }))],
    ['an nbf that is now', jws(HS, claims({ nbf: NOW }))],
    ['an iat that is now', jws(HS, claims({ iat: NOW }))],
    ['an iat of a day', jws(HS, claims({ iat: NOW - 86_400 }))],
    ['no iat', jws(HS, claims({ iat: undefined }))],
    ['no typ', jws({ alg: 'HS256' }, claims())],
    ['another typ', jws({ alg: 'HS256', typ: 'at+jwt' }, claims())],
    ['a kid that nothing is known of', jws({ ...HS, kid: '../../etc/passwd' }, claims())],
    ['header members that say nothing', jws({ ...HS, x5t: 'AA', 'x-own': {} }, claims())],
    ['escaped names and values', jws('{"\\u0061lg":"HS\\u003256"}', rawClaims('"a":"\\/"'))],
    ['white space in its JSON', jws(' { "alg" : "HS256" } ', `\n${JSON.stringify(CLAIMS)}\t`)],
    ['__proto__ once', jws(HS, rawClaims('"__proto__":{"loginname":"root"}'))],
    ['names that differ in case', jws(HS, claims({ EXP: 1, Loginname: 'root' }))],
    ['a name in two objects', jws(HS, rawClaims('"a":{"exp":1},"b":[{"exp":2},{"exp":3}]'))],
    ['a surrogate pair, escaped', jws(HS, rawClaims('"a":"\\ud83d\\ude00"'))],
  ])('accepts a token with %s', async (_what, token) => {
    const { examine } = await examiner(CONFIGS.hs)
    expect(await examine(token)).toMatchObject({ caller: { principal: 'ann' } })
  })

  it.each(['zoë', 'Ω', '名前', '👩‍🚀', 'a\u0000b', '"quoted"', ' '])(
    'gives the name %j as it stands in the token',
    async (loginname) => {
      const { examine } = await examiner(CONFIGS.hs)
      expect(await examine(jws(HS, claims({ loginname })))).toMatchObject({
        caller: { principal: loginname },
      })
    },
  )

  it('T104 takes one spelling of a token', async () => {
    const { examine } = await examiner(CONFIGS.hs)
    const token = jws(HS, claims())
    expect(await examine(token)).toHaveProperty('caller')
    expect(await examine(withTrailingBits(token))).toEqual({ refused: { reason: 'malformed' } })
  })

  it('takes the key that a token names', async () => {
    const { examine } = await examiner(CONFIGS.jwks)
    expect(await examine(await signed('RS256', ISSUER.rsa.privateKey, 'rsa-1'))).toHaveProperty(
      'caller',
    )
    expect(await examine(jws({ alg: 'RS256', kid: 'rsa-2' }, claims(), rs256()))).toEqual({
      refused: { reason: 'unknown-key' },
    })
  })
})
