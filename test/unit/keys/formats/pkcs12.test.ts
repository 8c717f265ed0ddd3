import { X509Certificate } from 'node:crypto'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, it } from 'vitest'
import { importKey } from '../../../../src/keys/formats/import-key.ts'
import { Secret } from '../../../../src/secret.ts'
import { canMakeCertificates } from '../../../support/certificate.ts'
import { issued, selfSigned, type TestChain } from '../../../support/key-certificate.ts'
import { ecKeys, ed25519Keys, rsaKeys, type TestKeyPair } from '../../../support/keys.ts'
import { makePkcs12 } from '../../../support/pkcs12.ts'
import { keptFaults, materialOf } from '../imported.ts'

async function load(content: Buffer | string, passphrase?: string) {
  const { faults, report } = keptFaults()
  const secret = passphrase === undefined ? {} : { passphrase: new Secret(passphrase) }
  const imported = await importKey(materialOf(content, secret), 'ES256', undefined, report)
  return { imported, faults }
}

describe.skipIf(!canMakeCertificates)('a PKCS#12 file', () => {
  const pair = ecKeys()
  const passphrase = 'correct horse'
  let chain: TestChain
  let file: Buffer
  beforeAll(async () => {
    chain = await issued(pair.pkcs8)
    const others = chain.issuers.toReversed()
    file = await makePkcs12({ key: pair.pkcs8, certificate: chain.leaf, others, passphrase })
  })

  const made: readonly (readonly [string, TestKeyPair, readonly string[]])[] = [
    ['an RSA key', rsaKeys(), []],
    ['an EC key', pair, []],
    ['an Ed25519 key', ed25519Keys(), []],
    ['an RSA key as older tools write it', rsaKeys(), ['-legacy']],
    ['an EC key as older tools write it', pair, ['-legacy']],
    ['an EC key with nothing encrypted', pair, ['-keypbe', 'NONE', '-certpbe', 'NONE']],
    ['an EC key without a MAC', pair, ['-nomac']],
    ['an EC key with a MAC of SHA-512', pair, ['-macalg', 'sha512']],
  ]
  it.each(made)('gives %s and its certificate', async (_, { pkcs8, privateKey }, flags) => {
    const certificate = await selfSigned(pkcs8)
    const content = await makePkcs12({ key: pkcs8, certificate, passphrase, flags })
    for (const form of [content, content.toString('base64')]) {
      const { imported, faults } = await load(form, passphrase)
      expect(faults).toEqual([])
      expect(imported?.key.equals(privateKey)).toBe(true)
      expect(imported?.certificates.map(({ raw }) => raw)).toEqual([
        new X509Certificate(certificate).raw,
      ])
    }
  })

  it.each([[[]], [['-legacy']]])('opens with a passphrase that is no ASCII (%j)', async (flags) => {
    const content = { key: pair.pkcs8, certificate: chain.leaf, passphrase: 'Grüße, €', flags }
    const { imported } = await load(await makePkcs12(content), 'Grüße, €')
    expect(imported?.key.equals(pair.privateKey)).toBe(true)
    const { faults } = await load(await makePkcs12(content), 'Grüße, $')
    expect(faults).toMatchObject([{ rule: 'key/passphrase', member: 'passphrase' }])
  })

  it('opens without a passphrase when it has the empty one', async () => {
    const content = { key: pair.pkcs8, certificate: chain.leaf, passphrase: '' }
    expect((await load(await makePkcs12(content))).imported).toBeDefined()
  })

  it('gives its certificates leaf first, whatever their order in the file', async () => {
    const { imported } = await load(file, passphrase)
    const expected = [chain.leaf, ...chain.issuers].map((pem) => new X509Certificate(pem).raw)
    expect(imported?.certificates.map(({ raw }) => raw)).toEqual(expected)
  })

  it('is told apart when the passphrase is missing or wrong', async () => {
    expect((await load(file)).faults).toMatchObject([{ rule: 'key/encrypted', member: undefined }])
    expect((await load(file, 'wrong')).faults).toMatchObject([
      { rule: 'key/passphrase', member: 'passphrase' },
    ])
  })

  it('that is cut off anywhere is refused', async () => {
    for (let length = 1; length < file.length; length += 37) {
      const { imported, faults } = await load(file.subarray(0, length), passphrase)
      expect(imported).toBeUndefined()
      expect(faults).toMatchObject([{ severity: 'error', rule: 'key/parse' }])
    }
  })

  it('that is altered anywhere is refused, or gives the same key', async () => {
    for (let at = 0; at < file.length; at += 41) {
      const altered = Buffer.from(file)
      altered[at]! ^= 0x55
      const { imported, faults } = await load(altered, passphrase)
      if (imported) expect(imported.key.equals(pair.privateKey)).toBe(true)
      else expect(faults).toMatchObject([{ severity: 'error' }])
    }
  })

  it('is opened by a library that is loaded for it', async () => {
    await load(file, passphrase)
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    expect(loaded.some((path) => path.includes('node-forge'))).toBe(true)
  })

  it('with certificates alone is refused as public', async () => {
    const content = await makePkcs12({ certificate: chain.leaf, passphrase })
    expect((await load(content, passphrase)).faults).toMatchObject([{ rule: 'key/public' }])
  })

  it('is never taken for an HMAC secret', async () => {
    for (const content of [file, file.toString('base64')]) {
      const { faults, report } = keptFaults()
      expect(await importKey(materialOf(content), 'HS256', undefined, report)).toBeUndefined()
      expect(faults).toMatchObject([{ rule: 'key/mismatch' }])
    }
  })
})
