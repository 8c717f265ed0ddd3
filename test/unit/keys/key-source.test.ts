import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { signingMethodSchema } from '../../../src/keys/algorithms.ts'
import { keyShape } from '../../../src/keys/key-config.ts'
import { privateKeySchema } from '../../../src/keys/key-source.ts'
import { kidSchema } from '../../../src/keys/kid.ts'
import { ecKeys, hmacSecret } from '../../support/keys.ts'

describe('privateKeySchema', () => {
  it.each([
    ['an inline text', 'a secret'],
    ['an environment variable', { env: 'ORDERS_KEY' }],
    ['a file', { file: 'keys/orders.pem' }],
    [
      'a field of a file, and a passphrase',
      { file: 'a.json', field: 'k', passphrase: { env: 'P' } },
    ],
    ['a key of a JWK set', { jwks: 'keys.json', kid: 'a' }],
    ['a JWK as a mapping', { jwk: ecKeys().privateJwk }],
    ['a JWK as text', { jwk: JSON.stringify(ecKeys().privateJwk) }],
  ])('accepts %s', (_, source) => {
    expect(privateKeySchema.safeParse(source).success).toBe(true)
  })

  it.each([
    ['nothing', null],
    ['a number', 7],
    ['no kind', {}],
    ['an unknown kind', { vault: 'orders' }],
    ['a passphrase beside a JWK', { jwk: ecKeys().privateJwk, passphrase: 'p' }],
    ['a passphrase of a passphrase', { env: 'K', passphrase: { env: 'P', passphrase: 'q' } }],
    ['a key in place of the path of a JWK set', { jwks: ecKeys().pkcs8 }],
    ['two kinds', { env: 'ORDERS_KEY', file: 'orders.pem' }],
    ['a key in place of the name of a variable', { env: ecKeys().pkcs8 }],
    ['a key in place of a path', { file: ecKeys().pkcs8 }],
    ['a key on one line in place of a path', { file: ecKeys().pkcs8.replaceAll('\n', '\\n') }],
    ['a JWK without kty', { jwk: { k: 'x' } }],
    ['a list of keys', { jwk: [ecKeys().privateJwk] }],
  ])('refuses %s without repeating it', (_, source) => {
    const result = privateKeySchema.safeParse(source)
    expect(result.success).toBe(false)
    expect(JSON.stringify(result.error?.issues)).not.toContain('BEGIN PRIVATE')
  })

  it('has a JSON Schema in which every member is described', () => {
    const schema = z.toJSONSchema(privateKeySchema, { io: 'input' }) as {
      anyOf: { properties?: Record<string, { description?: string }> }[]
    }
    const members = schema.anyOf.flatMap(({ properties }) => Object.entries(properties ?? {}))
    expect(members.map(([name]) => name)).toEqual(
      expect.arrayContaining(['env', 'file', 'jwk', 'jwks', 'field', 'passphrase', 'kid']),
    )
    expect(members.filter(([, { description }]) => !description)).toEqual([])
  })
})

describe('keyShape', () => {
  const remote = { vaultTransit: { address: 'https://vault.test', key: 'k', token: { env: 'T' } } }
  const schema = z.strictObject(keyShape)

  it.each([
    ['a certificate', { certificate: remote }],
    ['a public key', { keys: [{ use: 'next', publicKey: remote }] }],
    ['the certificate of an entry', { keys: [{ use: 'next', certificate: remote }] }],
  ])('refuses a remote signer for %s', (_, members) => {
    expect(schema.safeParse({ signingMethod: 'ES256', ...members }).success).toBe(false)
  })

  it('accepts a remote signer for what signs', () => {
    const keys = [{ use: 'sign', privateKey: remote }]
    expect(schema.safeParse({ signingMethod: 'ES256', privateKey: remote }).success).toBe(true)
    expect(schema.safeParse({ signingMethod: 'ES256', keys }).success).toBe(true)
  })
})

describe('kidSchema', () => {
  it.each([
    ['a name', 'orders-1', true],
    ['a path, which is a name to us', '../keys', true],
    ['nothing', '', false],
    ['two lines', 'a\nb', false],
    ['other than ASCII', 'é', false],
    ['10 KB', hmacSecret(8192), false],
    ['an expression', '#[account.key_id]', false],
    ['an expression inside text', 'key-#[vars.region]', false],
  ])('T090 decides on %s', (_, kid, accepted) => {
    expect(kidSchema.safeParse(kid).success).toBe(accepted)
  })
})

describe('signingMethodSchema', () => {
  it.each(['none', 'HS1', 'rs256', 'ES256K', ''])('refuses %j', (name) => {
    expect(signingMethodSchema.safeParse(name).success).toBe(false)
  })
})
