import { describe, expect, it } from 'vitest'
import { readField } from '../../../../src/keys/sources/json-field.ts'
import { ecKeys, hmacSecret } from '../../../support/keys.ts'
import { keptFaults } from '../imported.ts'

const key = ecKeys().pkcs8

function read(document: unknown, field: string) {
  const { faults, report } = keptFaults()
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  return { found: readField(text, field, report), faults }
}

describe('readField', () => {
  it.each([
    ['a name', 'private_key', { private_key: key }],
    ['a name with a dot', 'tls.key', { 'tls.key': key }],
    ['a pointer', '/a/b', { a: { b: key } }],
    ['a pointer with escapes', '/a~1b/c~0d', { 'a/b': { 'c~d': key } }],
  ])('finds text by %s', (_, field, document) => {
    expect(read(document, field).found?.text.reveal()).toBe(key)
  })

  it('gives a JWK that is an object as JSON text', () => {
    const { found } = read({ jwk: ecKeys().privateJwk }, 'jwk')
    expect(JSON.parse(found?.text.reveal() ?? '')).toEqual(ecKeys().privateJwk)
  })

  it('gives the other members, but nothing that is a secret by its name or look', () => {
    const secret = hmacSecret()
    const { found } = read(
      {
        a: { private_key: key, issuer: 'erp', other: ecKeys('P-256', 'other').pkcs8 },
        private_key_id: 'k1',
        token_uri: 'https://a.example/token',
        password_policy: 'strict',
        list: [{ name: 'x', clientSecret: secret }, key, 7],
        client_secret: secret,
        accessToken: secret,
        'api-key': secret,
        passphrase: secret,
        PASSWORD: secret,
        privateKey: secret,
        secrets: { of: secret },
        signer: ecKeys().privateJwk,
        number: 1,
        nothing: null,
      },
      '/a/private_key',
    )
    expect(found?.account).toEqual({
      a: { issuer: 'erp' },
      private_key_id: 'k1',
      token_uri: 'https://a.example/token',
      password_policy: 'strict',
      list: [{ name: 'x' }, 7],
      number: 1,
      nothing: null,
    })
  })

  it.each([
    ...['signing_hmac', 'pin', 'db_pwd', 'passcode', 'signing_key', 'secret_value', 'signingKey'],
    'private_key_pem',
  ])('leaves out %s', (name) => {
    expect(read({ key, [name]: 'x', sub: { [name]: 'x' } }, 'key').found?.account).toEqual({
      sub: {},
    })
  })

  it.each(['private_key_id', 'key_id', 'token_uri', 'spinning', 'pinned', 'shipping', 'd_id'])(
    'keeps %s',
    (name) => {
      expect(read({ key, [name]: 'x' }, 'key').found?.account).toEqual({ [name]: 'x' })
    },
  )

  const base64 = (content: Buffer | string) => Buffer.from(content).toString('base64')
  const der = ecKeys().privateKey.export({ type: 'pkcs8', format: 'der' })
  it.each([
    ['the same text', key],
    ['the same text on one line', key.replaceAll('\n', ' ')],
    ['the same text with a literal \\n', key.replaceAll('\n', '\\n')],
    ['base64 of PEM', base64(key)],
    ['base64 of base64 of PEM', base64(base64(key))],
    ['base64 of PEM of another key', base64(ecKeys('P-256', 'other').pkcs8)],
    ['base64 of DER', base64(der)],
    ['base64url of DER', der.toString('base64url')],
    ['DER in hexadecimal digits', der.toString('hex')],
    ['base64 of DER in another form', ecKeys().sec1.replace(/-----.*-----|\n/g, '')],
    ['a JWK as JSON text', JSON.stringify(ecKeys().privateJwk, null, 2)],
    ['base64 of a JWK', base64(JSON.stringify(ecKeys().privateJwk))],
    ['an object with d', { d: ecKeys().privateJwk.d }],
  ])('leaves out the key again as %s', (_, again) => {
    const { found } = read({ key, again, sub: { again }, list: [again] }, 'key')
    expect(found?.account).toEqual({ sub: {}, list: [] })
  })

  it('leaves out a secret again in each of its encodings', () => {
    const bytes = Buffer.from(hmacSecret())
    const texts = (['utf8', 'base64', 'base64url', 'hex'] as const).map((each) =>
      bytes.toString(each),
    )
    for (const [index, text] of texts.entries()) {
      const { found } = read({ text, again: texts, other: texts[index]?.slice(1) }, 'text')
      expect(found?.account).toEqual({ again: [], other: texts[index]?.slice(1) })
    }
  })

  it('refuses more than 64 levels', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    expect(read(`{"k":"x","deep":${nested(63)}}`, 'k').faults).toEqual([])
    for (const levels of [64, 10_000]) {
      const { found, faults } = read(`{"k":"x","deep":${nested(levels)}}`, 'k')
      expect(found).toBeUndefined()
      expect(faults).toMatchObject([{ severity: 'error', rule: 'key/parse' }])
    }
  })

  it('keeps members of the same name elsewhere', () => {
    const { found } = read({ pem: key, other: { pem: 'kept' } }, 'pem')
    expect(found?.account).toEqual({ other: { pem: 'kept' } })
  })

  it.each([
    ['JSON that is cut off', JSON.stringify({ k: key }).slice(0, -3), 'k', 'key/parse', undefined],
    ['text that is no JSON', key, 'k', 'key/parse', undefined],
    ['a list', [key], '0', 'key/parse', undefined],
    ['a member that is not there', { k: key }, 'other', 'key/missing', 'field'],
    ['a member that every object inherits', {}, 'constructor', 'key/missing', 'field'],
    ['a pointer into text', { k: key }, '/k/length', 'key/missing', 'field'],
    ['a member that is a number', { k: 7 }, 'k', 'key/parse', 'field'],
    ['a member that is empty', { k: '' }, 'k', 'key/parse', 'field'],
    ['a member that is an object', { k: { pem: key } }, 'k', 'key/parse', 'field'],
  ])('refuses %s', (_, document, field, rule, member) => {
    const { found, faults } = read(document, field)
    expect(found).toBeUndefined()
    expect(faults).toMatchObject([{ severity: 'error', rule, member }])
  })
})
