import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isReferenceKey, isSecret, isSecretPath } from '../../../src/config/secret-key.ts'
import { privateKeySchema } from '../../../src/keys/index.ts'

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly anyOf?: readonly JsonSchema[]
}

function namesOf({ properties = {}, anyOf = [] }: JsonSchema): string[] {
  const below = Object.entries(properties).flatMap(([name, schema]) =>
    // a JWK names its members itself, private ones too
    name === 'jwk' ? [name] : [name, ...namesOf(schema)],
  )
  return [...below, ...anyOf.flatMap(namesOf)]
}

describe('a secret path', () => {
  it.each([
    ['jwt', 'privateKey'],
    ['jwt', 'keys', 0, 'publicKey'],
    ['jwt', 'certificate'],
    ['jwt', 'encrypt', 'secret'],
    ['accounts', 'erp', 'privateKey', 'passphrase', 'env'],
    ['accounts', 'erp', 'keys', 0, 'privateKey', 'pkcs11', 'pin'],
    ['vars', 'token'],
    ['vars', 'api_key'],
  ])('is %s', (...path) => {
    expect(isSecretPath(path)).toBe(true)
  })

  it.each([
    ['jwt', 'certificateHeaders'],
    ['jwt', 'kid', 'field'],
    ['accounts', 'erp', 'issuer'],
    ['jwt', 'keyType'],
    ['vars', 'spinning'],
  ])('is not %s', (...path) => {
    expect(isSecretPath(path)).toBe(false)
  })
})

it('knows every key of a key source as one that is no secret', () => {
  const names = namesOf(
    z.toJSONSchema(privateKeySchema, { io: 'input', reused: 'inline' }) as JsonSchema,
  )
  expect(names).toContain('pkcs11')
  expect(names.filter((name) => !isReferenceKey(name))).toEqual([])
})

const KEY = ['jwt', 'privateKey']
const HSM = [...KEY, 'pkcs11']
const VAULT = [...KEY, 'vaultTransit']

describe('what stands at a secret path', () => {
  it.each<[(string | number)[], unknown]>([
    [[...KEY, 'env'], 'ORDERS_KEY'],
    [[...KEY, 'file'], 'keys/orders.pem'],
    [[...KEY, 'field'], 'private_key'],
    [[...KEY, 'field'], '/data/tls.key'],
    [[...KEY, 'jwks'], 'keys/set.json'],
    [[...KEY, 'kid'], 'orders-2026'],
    [[...KEY, 'passphrase', 'env'], 'ORDERS_PASS'],
    [[...HSM, 'library'], '/usr/lib/softhsm/libsofthsm2.so'],
    [[...HSM, 'token'], 'countersign'],
    [[...HSM, 'label'], 'orders key'],
    [[...HSM, 'pin', 'file'], 'pin.txt'],
    [[...VAULT, 'address'], 'https://vault.internal:8200'],
    [[...VAULT, 'key'], 'orders'],
    [[...VAULT, 'token', 'file'], '/run/secrets/token'],
    [['jwt', 'encrypt', 'secret', 'env'], 'PEER'],
    [['jwt', 'expp'], 300],
  ])('may be quoted at %j: %j', (path, text) => {
    expect(isSecret(path, text)).toBe(false)
  })

  it.each<[(string | number)[], unknown]>([
    [KEY, 'orders'],
    [[...KEY, 'key'], 'orders'],
    [[...KEY, 'passphrase'], 'orders'],
    [[...KEY, 'constructor'], 'orders'],
    [[...KEY, 'field'], 'q7Rz0pXk2mVb81LsTn4YwC'],
    [[...KEY, 'jwk', 'd'], 'orders'],
    [[...HSM, 'pin'], 'orders'],
    [[...HSM, 'pin'], 1234],
    [[...HSM, 'constructor'], 'orders'],
    [[...VAULT, 'token'], 'orders'],
    [[...VAULT, 'address'], 'https://user:pass@vault'],
    [['accounts', 'erp', 'publicKey'], 'orders'],
    [['jwt', 'certificate'], 'orders'],
    [['jwt', 'privatKey'], 'orders'],
    [['jwt', 'hmac'], 1234],
  ])('is never quoted at %j: %j', (path, text) => {
    expect(isSecret(path, text)).toBe(true)
  })
})
