import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { holdsKey, withoutKeys } from '../../../../src/config/yaml/key-like.ts'
import { ecKeys, hmacSecret } from '../../../support/keys.ts'

const HIDDEN = 'expected a name, "…" is none'

describe('text that looks like a key', () => {
  it.each([
    ['a secret in base64url', () => hmacSecret(48)],
    ['a secret in base64', () => randomBytes(48).toString('base64')],
    ['a secret in hexadecimal', () => randomBytes(32).toString('hex')],
    ['the private member of a JWK', () => ecKeys().privateJwk.d ?? ''],
    ['a line of PEM', () => ecKeys().pkcs8.split('\n')[1] ?? ''],
  ])('is %s, but for one in fifty', (_what, key) => {
    const keys = Array.from({ length: 200 }, key)
    const shown = keys.filter(
      (text) => withoutKeys(`expected a name, "${text}" is none`) !== HIDDEN,
    )
    expect(shown.length).toBeLessThan(4)
    expect(keys.filter((text) => !holdsKey(`kid: "${text}" # ours`))).toEqual(shown)
  })

  it('is the first line of PEM', () => {
    expect(holdsKey('kid: |-----BEGIN PRIVATE KEY-----')).toBe(true)
  })

  it.each([
    'orders-production-eu-west-1-signing',
    'GOLDEN_ES256_SEC1_KEY',
    'https://orders.example.com/api/v1/customers/2024',
    '/var/run/secrets/kubernetes.io/serviceaccount',
    '$substringBefore(attributes.headers.authorization, " ")',
    'authentication.properties.claims.organisationName',
    '01234567890123456789012345678901',
    '======================================',
    'b3a1f9c2',
    'names the policy at /tmp/aB3xK9-pQ7zL2mN8vC4/Df5gH1jK6.yaml:1:7',
  ])('is not %s', (text) => {
    expect(holdsKey(text)).toBe(false)
    expect(withoutKeys(text)).toBe(text)
  })

  it('is looked for in time linear in its length', () => {
    expect(withoutKeys('aB3'.repeat(300_000))).toBe('…')
    expect(withoutKeys('a'.repeat(900_000))).toHaveLength(900_000)
  })
})
