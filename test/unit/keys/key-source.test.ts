import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { kidSchema, privateKeySchema, signingMethodSchema } from '../../../src/keys/index.ts'
import { ecKeys, hmacSecret } from '../../support/keys.ts'

describe('privateKeySchema', () => {
  it.each([
    ['an inline text', 'a secret'],
    ['an environment variable', { env: 'ORDERS_KEY' }],
    ['a file', { file: 'keys/orders.pem' }],
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
    const schema = z.toJSONSchema(privateKeySchema) as {
      anyOf: { properties?: Record<string, { description?: string }> }[]
    }
    const members = schema.anyOf.flatMap(({ properties }) => Object.entries(properties ?? {}))
    expect(members.map(([name]) => name)).toEqual(['env', 'file', 'jwk'])
    expect(members.filter(([, { description }]) => !description)).toEqual([])
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
  ])('decides on %s', (_, kid, accepted) => {
    expect(kidSchema.safeParse(kid).success).toBe(accepted)
  })
})

describe('signingMethodSchema', () => {
  it.each(['none', 'HS1', 'rs256', 'ES256K', ''])('refuses %j', (name) => {
    expect(signingMethodSchema.safeParse(name).success).toBe(false)
  })
})
