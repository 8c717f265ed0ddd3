import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  importPublicKey,
  type PublicKeyOptions,
} from '../../../../src/keys/formats/import-public-key.ts'
import { FOR_ENCRYPTION, FOR_VERIFYING } from '../../../../src/keys/formats/jwk-usage.ts'
import type { KeyMaterial } from '../../../../src/keys/key-material.ts'
import { Secret } from '../../../../src/secret.ts'
import { canMakeCertificates } from '../../../support/certificate.ts'
import { issued } from '../../../support/key-certificate.ts'
import { ecKeys, ed25519Keys, encryptedPem, rsaKeys } from '../../../support/keys.ts'
import { makePkcs12 } from '../../../support/pkcs12.ts'
import { keptFaults, materialOf } from '../imported.ts'

const rsa = rsaKeys()
const spki = rsa.publicKey.export({ type: 'spki', format: 'der' })
const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64')

async function load(material: KeyMaterial, options: Partial<PublicKeyOptions> = {}) {
  const { faults, report } = keptFaults()
  return {
    imported: await importPublicKey(material, report, { usage: FOR_ENCRYPTION, ...options }),
    faults,
  }
}

describe('importPublicKey takes', () => {
  it.each([
    ['SPKI as PEM', rsa.spki],
    ['PKCS#1 as PEM', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['PEM in base64', base64(rsa.spki)],
    ['SPKI as DER', spki],
    ['SPKI as base64 of DER', base64(spki)],
    ['PKCS#1 as base64 of DER', base64(rsa.publicKey.export({ type: 'pkcs1', format: 'der' }))],
    ['a JWK', JSON.stringify(rsa.publicJwk)],
    ['a JWK in base64', base64(JSON.stringify({ ...rsa.publicJwk, use: 'enc' }))],
    ['a private JWK', JSON.stringify({ ...rsa.privateJwk, key_ops: ['decrypt'] })],
    ['a private key as PEM', rsa.pkcs1],
    ['a private key as DER', rsa.privateKey.export({ type: 'pkcs8', format: 'der' })],
  ])('%s', async (_, content) => {
    const { imported, faults } = await load(materialOf(content))
    expect(faults).toEqual([])
    expect(imported?.key.type).toBe('public')
    expect(imported?.key.equals(rsa.publicKey)).toBe(true)
  })

  it('an X25519 key, which only encrypts', async () => {
    const { publicKey } = generateKeyPairSync('x25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect((await load(materialOf(pem))).imported?.key.asymmetricKeyType).toBe('x25519')
  })

  it('the public half of an encrypted private key', async () => {
    const material = materialOf(encryptedPem(rsa, 'p'), { passphrase: new Secret('p') })
    expect((await load(material)).imported?.key.equals(rsa.publicKey)).toBe(true)
  })

  it('one key of a JWK set, public or not', async () => {
    const keys = [{ ...ecKeys().publicJwk, kid: 'a', use: 'sig' }, rsa.publicJwk]
    const material = materialOf(JSON.stringify({ keys }), { jwks: {} })
    expect((await load(material)).imported?.key.equals(rsa.publicKey)).toBe(true)
    const named = { ...material, jwks: { kid: 'a' } }
    expect((await load(named, { usage: FOR_VERIFYING })).imported?.key.asymmetricKeyType).toBe('ec')
  })

  it.skipIf(!canMakeCertificates)('a certificate, and its chain leaf first', async () => {
    const { leaf, issuers, chain } = await issued(ecKeys().pkcs8)
    const { imported } = await load(materialOf(chain))
    expect(imported?.key.equals(ecKeys().publicKey)).toBe(true)
    expect(imported?.certificates.map((certificate) => certificate.toString())).toEqual([
      leaf,
      ...issuers,
    ])
    const passphrase = 'p'
    const file = await makePkcs12({ key: ecKeys().pkcs8, certificate: leaf, passphrase })
    const fromFile = await load(materialOf(file, { passphrase: new Secret(passphrase) }))
    expect(fromFile.imported?.key.equals(ecKeys().publicKey)).toBe(true)
    const der = imported?.certificates[0]?.raw as Buffer
    expect((await load(materialOf(der))).imported?.certificates).toHaveLength(1)
  })
})

describe('importPublicKey refuses', () => {
  it.each([
    ['text that is no key', 'no key', 'key/parse'],
    ['base64 of anything', base64(randomBytes(40)), 'key/parse'],
    ['PEM that is cut off', rsa.spki.slice(0, 200), 'key/parse'],
    ['PEM around other bytes', rsa.spki.replace('MIIB', 'AAAA'), 'key/parse'],
    ['two public keys', rsa.spki + ecKeys().spki, 'key/ambiguous'],
    ['a secret JWK', JSON.stringify({ kty: 'oct', k: 'AAEC' }), 'key/mismatch'],
    ['a JWK for signing', JSON.stringify({ ...rsa.publicJwk, use: 'sig' }), 'key/usage'],
    ['a JWK without its members', JSON.stringify({ kty: 'RSA', e: 'AQAB' }), 'key/parse'],
    ['a JWK set', JSON.stringify({ keys: [rsa.publicJwk] }), 'key/parse'],
    ['an encrypted private key', encryptedPem(rsa, 'p'), 'key/encrypted'],
  ])('%s', async (_, content, rule) => {
    const { imported, faults } = await load(materialOf(content))
    expect(imported).toBeUndefined()
    expect(faults).toMatchObject([{ severity: 'error', rule }])
  })

  it.each([
    ['PEM declared as DER', 'RsaDer', rsa.spki],
    ['an RSA key declared as EC', 'EcPem', rsa.spki],
    ['an Ed25519 key declared as RSA', 'RsaPem', ed25519Keys().spki],
  ] as const)('%s', async (_, keyType, content) => {
    const { faults } = await load(materialOf(content), { keyType })
    expect(faults).toMatchObject([{ severity: 'error', rule: 'key/type' }])
  })
})
