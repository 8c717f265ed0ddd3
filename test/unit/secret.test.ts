import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SECRET_REFERENCE, Secret } from '../../src/secret.ts'

describe('Secret', () => {
  const secret = new Secret('hunter2')

  it.each([
    ['String', String(secret)],
    ['a template', `${secret}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { showHidden: true, depth: 9 })],
    ['format', format('%s %o %j', secret, secret, secret)],
    ['an error', new Error(`met ${secret}`).message],
    ['its members', Object.entries(secret).flat().join() + Reflect.ownKeys(secret).join()],
  ])('is not shown by %s', (_case, text) => {
    expect(text).not.toContain('hunter2')
  })

  it('says that there is one', () => {
    expect(String(secret)).toBe('«redacted»')
    expect(JSON.stringify(secret)).toBe('"«redacted»"')
    expect(inspect(secret)).toBe('«redacted»')
  })

  it('reveals its text to who asks, and compares it', () => {
    expect(secret.reveal()).toBe('hunter2')
    expect(secret.equals(new Secret('hunter2'))).toBe(true)
    expect(secret.equals(new Secret('hunter3'))).toBe(false)
    expect(secret.equals(undefined)).toBe(false)
  })
})

describe('SECRET_REFERENCE', () => {
  it.each<[keyof typeof SECRET_REFERENCE, string]>([
    ['env', 'KEY'],
    ['env', 'ORDERS_SIGNING_KEY_2'],
    ['env', 'A'.repeat(20)],
    ['words', 'account'],
    ['words', '/keys/orders-1'],
    ['words', 'my key.v1_a b'],
    ['file', './keys/orders.pem'],
    ['file', '/run/secrets/a'],
    ['file', '../a'],
    ['file', 'keys/orders.pem'],
    ['file', 'orders.pem'],
  ])('of %s takes %j for a name', (kind, text) => {
    expect(text).toMatch(SECRET_REFERENCE[kind])
  })

  it.each<[keyof typeof SECRET_REFERENCE, string]>([
    ['env', 'key'],
    ['env', '1KEY'],
    ['env', 'KEY_'],
    ['env', 'KEY__A'],
    ['env', ' KEY'],
    ['env', 'KEY '],
    ['env', 'A'.repeat(21)],
    ['env', `A_${'B'.repeat(21)}`],
    ['words', '12ab'],
    ['words', 'abc12345'],
    ['words', 'a'.repeat(21)],
    ['words', 'a-b-c-d-e-f-g-h-i-j'],
    ['words', 'a=b'],
    ['words', ''],
    ['words', '//a'],
    ['file', 'hunter2'],
    ['file', 'https://u:p@host/a.pem'],
    ['file', 'a b.pem'],
    ['file', `${'a'.repeat(41)}.pem`],
    ['file', 'a.'],
    ['file', `a.${'b'.repeat(9)}`],
    ['file', 'x ./keys/a.pem'],
    ['file', './keys/a b'],
  ])('of %s takes %j for what may be the secret', (kind, text) => {
    expect(text).not.toMatch(SECRET_REFERENCE[kind])
  })
})
