import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkDerivation } from '../../../../src/keys/formats/derivation.ts'
import { importKey } from '../../../../src/keys/formats/import-key.ts'
import { Secret } from '../../../../src/secret.ts'
import { canMakeCertificates } from '../../../support/certificate.ts'
import { selfSigned } from '../../../support/key-certificate.ts'
import { ecKeys } from '../../../support/keys.ts'
import { makePkcs12 } from '../../../support/pkcs12.ts'
import { keptFaults, materialOf } from '../imported.ts'

const pair = ecKeys()
const passphrase = 'correct horse'

async function load(content: Buffer | string) {
  const { faults, report } = keptFaults()
  const material = materialOf(content, { passphrase: new Secret(passphrase) })
  return { imported: await importKey(material, 'ES256', undefined, report), faults }
}

/** An encrypted key as `openssl pkcs8` writes it. */
function pkcs8(...flags: string[]): string {
  const args = ['pkcs8', '-topk8', '-passout', `pass:${passphrase}`, ...flags]
  return execFileSync('openssl', args, { input: pair.pkcs8, encoding: 'utf8' })
}

describe.skipIf(!canMakeCertificates)('an encrypted PKCS#8 key', () => {
  it.each([
    ['of 1,000,000 iterations', ['-v2', 'aes-256-cbc', '-iter', '1000000']],
    ['of an older cipher', ['-v1', 'PBE-SHA1-3DES', '-iter', '20000']],
    ['of scrypt', ['-scrypt']],
  ])('%s is opened', async (_, flags) => {
    const { imported, faults } = await load(pkcs8(...flags))
    expect(faults).toEqual([])
    expect(createPublicKey(imported!.key).equals(pair.publicKey)).toBe(true)
  })

  it.each([
    ['of 1,000,001 iterations', ['-v2', 'aes-256-cbc', '-iter', '1000001']],
    ['of an older cipher of 1,000,001 iterations', ['-v1', 'PBE-SHA1-3DES', '-iter', '1000001']],
    ['of scrypt that takes longer', ['-scrypt', '-scrypt_p', '17']],
  ])('%s is refused as PEM and as DER', async (_, flags) => {
    const pem = pkcs8(...flags)
    for (const content of [pem, pem.replace(/-----.*-----/g, '')]) {
      const { imported, faults } = await load(content)
      expect(imported).toBeUndefined()
      expect(faults).toMatchObject([{ severity: 'error', rule: 'key/too-large' }])
    }
  })
})

describe.skipIf(!canMakeCertificates)('a PKCS#12 file', () => {
  let certificate: string
  beforeAll(async () => {
    certificate = await selfSigned(pair.pkcs8)
  })
  const make = (...flags: string[]) =>
    makePkcs12({ key: pair.pkcs8, certificate, passphrase, flags })

  it.each([
    ['as Java 11 wrote it', ['-legacy', '-iter', '50000', '-macalg', 'sha1']],
    ['of 25,000 iterations for its key and its certificate', ['-iter', '25000']],
  ])('%s is opened', async (_, flags) => {
    const { imported, faults } = await load(await make(...flags))
    expect(faults).toEqual([])
    expect(imported?.certificates).toHaveLength(1)
  })

  it.each([
    ['of 25,001 iterations for each', ['-iter', '25001', '-nomaciter']],
    ['of older ciphers of 100,001 for each', ['-legacy', '-iter', '100001', '-nomaciter']],
    ['with a MAC of 200,001', ['-iter', '200001', '-keypbe', 'NONE', '-certpbe', 'NONE']],
  ])('%s is refused', async (_, flags) => {
    const { imported, faults } = await load(await make(...flags))
    expect(imported).toBeUndefined()
    expect(faults).toMatchObject([{ severity: 'error', rule: 'key/too-large' }])
  })

  it('with chunks and lengths left open (BER) is refused too', async () => {
    const der = await make('-iter', '25001', '-nomaciter')
    const { faults, report } = keptFaults()
    expect(checkDerivation(toBer(der), 'pkcs12', report)).toBe(false)
    expect(faults).toMatchObject([{ rule: 'key/too-large' }])
  })
})

/** The authSafe of a PKCS#12 file with open lengths around an OCTET STRING in two parts. */
function toBer(der: Buffer): Buffer {
  // SEQUENCE, version, SEQUENCE, OID data, [0], OCTET STRING; each length has two octets.
  const contentAt = 4 + 3 + 4 + 11 + 4 + 4
  const content = der.subarray(contentAt, contentAt + der.readUInt16BE(contentAt - 2))
  const part = (bytes: Buffer) => {
    const head = Buffer.from([0x04, 0x82, 0, 0])
    head.writeUInt16BE(bytes.length, 2)
    return Buffer.concat([head, bytes])
  }
  const head = Buffer.from('30800201033080', 'hex')
  const oid = der.subarray(11, 22)
  const open = Buffer.from('a0802480', 'hex')
  const parts = [part(content.subarray(0, 100)), part(content.subarray(100))]
  return Buffer.concat([head, oid, open, ...parts, Buffer.alloc(8)])
}
