import { createPrivateKey, type KeyObject } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { AlgorithmName } from '../../../../src/keys/algorithms.ts'
import { importKey } from '../../../../src/keys/formats/import-key.ts'
import type { KeyMaterial } from '../../../../src/keys/key-material.ts'
import type { KeyType } from '../../../../src/keys/key-type.ts'
import { Secret } from '../../../../src/secret.ts'
import { canMakeCertificates } from '../../../support/certificate.ts'
import { issued, selfSigned } from '../../../support/key-certificate.ts'
import { ecKeys, ed25519Keys, encryptedPem, hmacSecret, rsaKeys } from '../../../support/keys.ts'
import { keptFaults, materialOf } from '../imported.ts'
import { leaks } from '../leaks.ts'

const rsa = rsaKeys()
const ec = ecKeys()
const ed = ed25519Keys()
const secret = `~~~???${hmacSecret()}`
const seed = Buffer.from(ed.privateJwk.d as string, 'base64url')
const point = Buffer.from(ed.publicJwk.x as string, 'base64url')

type DerType = 'pkcs8' | 'pkcs1' | 'sec1'
const der = (key: KeyObject, type: DerType = 'pkcs8') => key.export({ type, format: 'der' })
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64')
const lines = (text: string) => text.replace(/.{64}/g, '$&\n')
const secretJwk = JSON.stringify({ kty: 'oct', k: Buffer.from(secret).toString('base64url') })

async function load(
  material: KeyMaterial,
  algorithm: AlgorithmName,
  keyType: KeyType | undefined = undefined,
) {
  const { faults, report } = keptFaults()
  return { imported: await importKey(material, algorithm, keyType, report), faults }
}

describe('importKey', () => {
  type Case = readonly [string, KeyType, AlgorithmName, string | Buffer, KeyObject | string]
  const cases: readonly Case[] = [
    ['PKCS#8', 'EcPem', 'ES256', ec.pkcs8, ec.privateKey],
    ['SEC1', 'EcPem', 'ES256', ec.sec1, ec.privateKey],
    ['PKCS#8', 'EdPem', 'EdDSA', ed.pkcs8, ed.privateKey],
    ['PKCS#8', 'RsaPem', 'PS256', rsa.pkcs8, rsa.privateKey],
    ['PKCS#1', 'RsaPem', 'RS256', rsa.pkcs1, rsa.privateKey],
    ['PKCS#8 in base64', 'EcDer', 'ES256', base64(der(ec.privateKey)), ec.privateKey],
    ['SEC1 in base64', 'EcDer', 'ES256', base64(der(ec.privateKey, 'sec1')), ec.privateKey],
    ['SEC1 in a binary file', 'EcDer', 'ES256', der(ec.privateKey, 'sec1'), ec.privateKey],
    ['PKCS#8 in base64', 'EdDer', 'EdDSA', base64(der(ed.privateKey)), ed.privateKey],
    ['PKCS#8 in a binary file', 'EdDer', 'EdDSA', der(ed.privateKey), ed.privateKey],
    ['a seed in base64', 'EdDer', 'EdDSA', base64(seed), ed.privateKey],
    ['a seed in base64url', 'EdDer', 'EdDSA', seed.toString('base64url'), ed.privateKey],
    ['seed and point', 'EdDer', 'EdDSA', base64(Buffer.concat([seed, point])), ed.privateKey],
    ['PKCS#8 in base64', 'RsaDer', 'RS256', base64(der(rsa.privateKey)), rsa.privateKey],
    ['PKCS#1 in base64', 'RsaDer', 'RS256', base64(der(rsa.privateKey, 'pkcs1')), rsa.privateKey],
    ['base64 in lines', 'RsaDer', 'RS256', lines(base64(der(rsa.privateKey))), rsa.privateKey],
    ['PEM in base64', 'RsaPem', 'RS256', base64(rsa.pkcs8), rsa.privateKey],
    ['PEM in lines of base64', 'EcPem', 'ES256', lines(base64(ec.sec1)), ec.privateKey],
    ['a JWK', 'Jwk', 'ES256', JSON.stringify(ec.privateJwk), ec.privateKey],
    ['a JWK in base64', 'Jwk', 'RS256', base64(JSON.stringify(rsa.privateJwk)), rsa.privateKey],
    ['a JWK', 'Jwk', 'HS256', secretJwk, secret],
    ['plain text', 'Secret', 'HS256', secret, secret],
  ]
  it.each(cases)('takes %s declared as %s for %s', async (_, keyType, algorithm, content, key) => {
    const { imported, faults } = await load(materialOf(content), algorithm, keyType)
    expect(faults).toEqual([])
    expect(exported(imported?.key)).toEqual(exported(key))
  })

  it.each(cases)('takes %s, which is %s, for %s without a declaration', async (...row) => {
    const [, , algorithm, content, key] = row
    const { imported, faults } = await load(materialOf(content), algorithm)
    expect(faults).toEqual([])
    expect(exported(imported?.key)).toEqual(exported(key))
  })

  it.each([
    ['Base64Secret', base64(secret)],
    ['Base64Secret', base64(secret).replace(/=+$/, '')],
    ['Base64Secret', lines(base64(secret))],
    ['UrlSafeBase64Secret', Buffer.from(secret).toString('base64url')],
    ['HexSecret', Buffer.from(secret).toString('hex')],
    ['HexSecret', Buffer.from(secret).toString('hex').toUpperCase()],
    ['Jwk', base64(secretJwk)],
  ] as const)('decodes a secret that is declared as %s', async (keyType, text) => {
    const { imported, faults } = await load(materialOf(text), 'HS512', keyType)
    expect(faults).toEqual([])
    expect(imported?.key.export().toString()).toBe(secret)
    const { imported: other } = await load(materialOf(text), 'HS512', 'Secret')
    expect(other?.key.export().toString()).toBe(text)
  })

  it.each([
    ['PEM', encryptedPem(rsa, 'päss')],
    ['PEM as OpenSSL used to write it', traditional()],
    ['the same on one line', traditional().replaceAll('\n', ' ')],
    ['DER', rsaDer('päss')],
    ['base64 of DER', base64(rsaDer('päss'))],
    ['PEM in base64', base64(encryptedPem(rsa, 'päss'))],
  ])('opens an encrypted key as %s', async (_, content) => {
    const material = materialOf(content, { passphrase: new Secret('päss') })
    const { imported, faults } = await load(material, 'RS256')
    expect(faults).toEqual([])
    expect(imported?.key.equals(rsa.privateKey)).toBe(true)
  })

  it('warns about a passphrase that nothing needs, at the passphrase', async () => {
    const material = materialOf(ec.pkcs8, { passphrase: new Secret('needless') })
    const { imported, faults } = await load(material, 'ES256')
    expect(imported).toBeDefined()
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'key/passphrase', member: 'passphrase' },
    ])
  })

  it.each([
    ['PEM', 'ES256', ec.pkcs8.trimEnd(), ec.privateKey],
    ['PEM in base64', 'ES256', base64(ec.pkcs8.trimEnd()), ec.privateKey],
    ['DER in base64', 'RS256', base64(der(rsa.privateKey)), rsa.privateKey],
    ['a JWK', 'RS256', JSON.stringify(rsa.privateJwk), rsa.privateKey],
    ['seed and point', 'EdDSA', base64(Buffer.concat([seed, point])), ed.privateKey],
  ] as const)('never takes %s for %s that is cut off for another key', async (...row) => {
    const [, algorithm, text, key] = row
    const step = Math.ceil(text.length / 150)
    for (let length = 1; length < text.length; length += step) {
      const { imported, faults } = await load(materialOf(text.slice(0, length)), algorithm)
      // A seed is whole without the point after it, and base64 without its padding.
      if (imported) expect(imported.key.equals(key)).toBe(true)
      else expect(faults).toMatchObject([{ severity: 'error' }])
      expect(leaks(text, JSON.stringify(faults))).toBe(false)
    }
  })

  describe.skipIf(!canMakeCertificates)('from PEM with certificates', () => {
    it('gives those of the key, leaf first, whatever stands around them', async () => {
      const { leaf, issuers } = await issued(ec.pkcs8)
      const stranger = await selfSigned(rsa.pkcs8)
      const text = [...issuers, stranger, ec.pkcs8, leaf].join('Bag Attributes\n')
      const { imported, faults } = await load(materialOf(text), 'ES256')
      expect(faults).toEqual([])
      const pems = imported?.certificates.map((certificate) => certificate.toString())
      expect(pems).toEqual([leaf, ...issuers])
    })

    it('gives those of another key, too, so that their mismatch is found', async () => {
      const text = ec.pkcs8 + (await selfSigned(rsa.pkcs8))
      expect((await load(materialOf(text), 'ES256')).imported?.certificates).toHaveLength(1)
    })

    it('loads a good key after one with the certificate of a key of another type', async () => {
      await load(materialOf(ec.pkcs8 + (await selfSigned(rsa.pkcs8))), 'ES256')
      expect((await load(materialOf(ec.pkcs8), 'ES256')).imported).toBeDefined()
    })

    it('warns about one that cannot be read', async () => {
      const text = `${ec.pkcs8}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`
      const { imported, faults } = await load(materialOf(text), 'ES256')
      expect(imported).toBeDefined()
      expect(faults).toMatchObject([{ severity: 'warning', rule: 'key/certificate' }])
    })
  })

  it('leaves the library for PKCS#12 unloaded', () => {
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    expect(loaded.filter((path) => path.includes('node-forge'))).toEqual([])
  })

  describe('from a JWK set', () => {
    const set = (...keys: unknown[]) => JSON.stringify({ keys })
    const a = { ...ec.privateJwk, kid: 'a' }
    const b = { ...ecKeys('P-256', 'other').privateJwk, kid: 'b' }

    it('takes the key with the kid', async () => {
      const material = materialOf(set(b, 'no key', a), { jwks: { kid: 'a' } })
      const { imported } = await load(material, 'ES256')
      expect(imported?.key.equals(ec.privateKey)).toBe(true)
    })

    it.each([
      ['of another type', rsa.privateJwk],
      ['on another curve', ecKeys('P-384').privateJwk],
      ['that is public', ecKeys('P-256', 'other').publicJwk],
      ['for encryption', { ...b, use: 'enc' }],
      ['for another algorithm', { ...b, alg: 'ES256K' }],
    ])('takes the one that fits beside a key %s', async (_, other) => {
      const { imported, faults } = await load(materialOf(set(other, a), { jwks: {} }), 'ES256')
      expect(faults).toEqual([])
      expect(imported?.key.equals(ec.privateKey)).toBe(true)
    })

    it('takes a secret', async () => {
      const material = materialOf(set(a, JSON.parse(secretJwk)), { jwks: {} })
      expect((await load(material, 'HS256')).imported?.key.export().toString()).toBe(secret)
    })
  })
})

function exported(key: KeyObject | string | undefined): unknown {
  if (typeof key === 'string') return Buffer.from(key).toString('base64url')
  return key?.type === 'secret'
    ? key.export().toString('base64url')
    : key?.export({ format: 'jwk' })
}

function traditional(): string {
  const options = {
    type: 'pkcs1',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'päss',
  } as const
  return rsa.privateKey.export(options).toString()
}

function rsaDer(passphrase: string): Buffer {
  const key = createPrivateKey(rsa.pkcs8)
  return key.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase })
}
