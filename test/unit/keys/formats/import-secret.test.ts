import { type KeyObject, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { importSecret } from '../../../../src/keys/formats/import-secret.ts'
import { FOR_ENCRYPTION } from '../../../../src/keys/formats/jwk-usage.ts'
import type { KeyType } from '../../../../src/keys/key-type.ts'
import { ecKeys, ed25519Keys, rsaKeys } from '../../../support/keys.ts'
import { keptFaults, materialOf } from '../imported.ts'

function load(content: string | Buffer, keyType?: KeyType) {
  const { faults, report } = keptFaults()
  return { secret: importSecret(materialOf(content), keyType, report, FOR_ENCRYPTION), faults }
}

describe('importSecret', () => {
  const bytes = randomBytes(32)
  it.each([
    ['Base64Secret', bytes.toString('base64')],
    ['UrlSafeBase64Secret', bytes.toString('base64url')],
    ['HexSecret', bytes.toString('hex')],
    ['Jwk', JSON.stringify({ kty: 'oct', k: bytes.toString('base64url'), use: 'enc' })],
  ] as const)('gives the exact bytes of a %s', (keyType, text) => {
    expect(load(text, keyType).secret?.export()).toEqual(bytes)
  })

  it('gives the UTF-8 of plain text, white space included', () => {
    expect(load(' sécret ', 'Secret').secret?.export()).toEqual(Buffer.from(' sécret '))
    expect(load(' sécret ').secret?.export()).toEqual(Buffer.from(' sécret '))
  })

  const key = ecKeys().privateKey.export({ type: 'pkcs8', format: 'der' })
  const spki = rsaKeys().publicKey.export({ type: 'spki', format: 'der' })
  it.each([
    ['a public key as PEM', rsaKeys().spki],
    ['a public key as PEM in base64', Buffer.from(rsaKeys().spki).toString('base64')],
    ['a public key as DER', spki],
    ['a public key as base64 of DER', spki.toString('base64')],
    ['a private key as base64 of DER', key.toString('base64')],
    ['a public JWK', JSON.stringify(rsaKeys().publicJwk)],
    ['the bytes of a binary file', randomBytes(64)],
  ])('refuses %s, declared as a secret or not', (_, content) => {
    for (const keyType of [undefined, 'Secret', 'Base64Secret'] as const) {
      const { secret, faults } = load(content, keyType)
      expect(secret).toBeUndefined()
      expect(faults).toMatchObject([{ severity: 'error' }])
    }
  })

  const SECRET_TYPES = [
    'Secret',
    'Base64Secret',
    'UrlSafeBase64Secret',
    'HexSecret',
    'Jwk',
  ] as const
  const PUBLIC_KEYS: readonly (readonly [string, KeyObject])[] = [
    ['an RSA', rsaKeys().publicKey],
    ['an EC', ecKeys().publicKey],
    ['an Ed25519', ed25519Keys().publicKey],
  ]
  it.each(PUBLIC_KEYS)('refuses %s public key in every encoding and keyType', (_, publicKey) => {
    for (const [form, text] of Object.entries(encodings(publicKey))) {
      for (const keyType of [undefined, ...SECRET_TYPES]) {
        const { secret, faults } = load(text, keyType)
        expect(secret, `${form} as ${keyType}`).toBeUndefined()
        expect(faults).toMatchObject([{ severity: 'error' }])
      }
    }
  })

  it('refuses an OpenSSH public key and its bytes', () => {
    const blob = Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-rsa'), randomBytes(64)])
    for (const text of [`ssh-rsa ${blob.toString('base64')} me@host`, blob.toString('base64')]) {
      expect(load(text).faults).toMatchObject([{ rule: 'key/mismatch' }])
    }
  })

  it.each(SECRET_TYPES)('never refuses a random secret as %s', (keyType) => {
    for (let count = 0; count < 2000; count += 1) {
      const random = randomBytes(16 + (count % 113))
      expect(load(encoded(random, keyType), keyType).faults).toEqual([])
    }
  })

  it('never refuses a random secret without a keyType', () => {
    for (let count = 0; count < 2000; count += 1) {
      const random = randomBytes(16 + (count % 113))
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        expect(load(random.toString(encoding)).faults).toEqual([])
      }
    }
  })

  it('asks which is meant, a wrapped JWK or its base64 text', () => {
    const wrapped = Buffer.from(JSON.stringify({ kty: 'oct', k: 'AAEC' })).toString('base64')
    expect(load(wrapped).faults).toMatchObject([{ rule: 'key/ambiguous' }])
    expect(load(wrapped, 'Jwk').secret?.export()).toEqual(Buffer.from([0, 1, 2]))
    expect(load(wrapped, 'Secret').secret?.export()).toEqual(Buffer.from(wrapped))
  })

  it('refuses a JWK that is for signing', () => {
    const jwk = JSON.stringify({ kty: 'oct', k: bytes.toString('base64url'), use: 'sig' })
    expect(load(jwk).faults).toMatchObject([{ rule: 'key/usage' }])
  })
})

/** What may be made of a public key that everyone can get. */
function encodings(key: KeyObject): Readonly<Record<string, string>> {
  const pem = key.export({ type: 'spki', format: 'pem' }).toString()
  const der = key.export({ type: 'spki', format: 'der' })
  const jwk = key.export({ format: 'jwk' })
  const texts = { pem, jwk: JSON.stringify(jwk), lowerCase: pem.toLowerCase() }
  const contents = { ...texts, der, twice: Buffer.from(pem).toString('base64') }
  const encodedContents = Object.entries(contents).flatMap(([name, content]) => [
    ...(['base64', 'base64url', 'hex'] as const).map((encoding) => [
      `${encoding} of ${name}`,
      Buffer.from(content).toString(encoding),
    ]),
    [
      `oct JWK of ${name}`,
      JSON.stringify({ kty: 'oct', k: Buffer.from(content).toString('base64url') }),
    ],
  ])
  return {
    ...texts,
    list: JSON.stringify([jwk]),
    set: JSON.stringify({ keys: [jwk] }),
    json: JSON.stringify(pem),
    jsonOfJwk: JSON.stringify(JSON.stringify(jwk)),
    withoutPadding: der.toString('base64').replace(/=+$/, ''),
    withoutMarkers: pem.replace(/-----.*-----\n/g, ''),
    ...Object.fromEntries(encodedContents),
  }
}

function encoded(random: Buffer, keyType: KeyType): string {
  switch (keyType) {
    case 'Jwk':
      return JSON.stringify({ kty: 'oct', k: random.toString('base64url') })
    case 'HexSecret':
      return random.toString('hex')
    case 'UrlSafeBase64Secret':
      return random.toString('base64url')
    default:
      return random.toString('base64')
  }
}
