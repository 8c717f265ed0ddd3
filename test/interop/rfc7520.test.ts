import { createHash, verify } from 'node:crypto'
import { compactDecrypt, flattenedDecrypt, generalDecrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import { compactSigner } from '../../src/credentials/compact.ts'
import { algorithm, type SignatureAlgorithm } from '../../src/keys/algorithms.ts'
import { importKey } from '../../src/keys/formats/import-key.ts'
import { importPublicKey } from '../../src/keys/formats/import-public-key.ts'
import { importSecret } from '../../src/keys/formats/import-secret.ts'
import { FOR_ENCRYPTION } from '../../src/keys/formats/jwk-usage.ts'
import { encryptSchema, loadEncrypter, loadKey } from '../../src/keys/index.ts'
import { createSigner } from '../../src/keys/signer.ts'
import type { JsonObject } from '../../src/types.ts'
import { decryptJwe } from '../support/decrypt-jwe.ts'
import {
  decryptionKey,
  type Encryption,
  hasCookbook,
  type Jwk,
  keyMaterial,
  publicHalf,
  publicKey,
  readExample,
  readExamples,
  type Signature,
  signaturesOf,
} from '../support/jose-cookbook.ts'
import { recordingScope } from '../support/recording-scope.ts'

const nesting = readExample('6.nesting_signatures_and_encryption.json')

describe.skipIf(!hasCookbook)('signatures of RFC 7520 and RFC 8037', () => {
  const signatures = [...readExamples('jws'), readExample('curve25519/jws.json'), nesting?.sign]
    .filter((example) => example !== undefined)
    .flatMap(signaturesOf)
  const same = signatures.filter(({ reproducible }) => reproducible)
  const other = signatures.filter(({ reproducible }) => !reproducible)

  it('are twelve, of which eight come out the same each time', () => {
    expect([same.length, other.length]).toEqual([8, 4])
  })

  it.each(same)('$title: our $alg signature is the same, byte for byte', async (example) => {
    const signer = await signerOf(example)
    const signature = await signer.sign(Buffer.from(example['sig-input']))
    expect(Buffer.from(signature).toString('base64url')).toBe(example.sig)
  })

  it.each(other)('$title: their $alg signature verifies as ours does', async (example) => {
    const input = Buffer.from(example['sig-input'])
    const { hash, options } = algorithm(example.alg) as SignatureAlgorithm
    const key = {
      key: publicKey(example.key),
      ...options,
    }
    const ours = await (await signerOf(example)).sign(input)

    expect(verify(hash, input, key, Buffer.from(example.sig, 'base64url'))).toBe(true)
    expect(verify(hash, input, key, ours)).toBe(true)
  })

  const headed = signatures.filter((example) => example.protected !== undefined)
  it.each(headed)('$title: our compact form begins with the same header', async (example) => {
    const token = await compactSigner(await signerOf(example))(example.protected!, {})
    expect(token.split('.')[0]).toBe(example.protected_b64u)
  })
})

describe.skipIf(!hasCookbook)('keys of RFC 7520 section 3', () => {
  it.each([
    ['3_2.ec_private_key.json', 'ES512', ['crv', 'kty', 'x', 'y']],
    ['3_4.rsa_private_key.json', 'RS256', ['e', 'kty', 'n']],
  ] as const)('signs with %s under its thumbprint', async (file, signingMethod, members) => {
    const jwk = readExample(`jwk/${file}`)
    const { scope, faults } = recordingScope({ variables: { KEY: JSON.stringify(jwk) } })
    const key = await loadKey({ signingMethod, privateKey: { env: 'KEY' } }, scope)
    const canonical = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])))
    expect(faults).toEqual([])
    expect(key?.kid).toBe(createHash('sha256').update(canonical).digest('base64url'))
  })

  it.each([
    ['3_1.ec_public_key.json', '3_2.ec_private_key.json'],
    ['3_3.rsa_public_key.json', '3_4.rsa_private_key.json'],
  ])('takes %s for the public half of %s', async (publicFile, privateFile) => {
    const usage = { use: 'sig', operations: ['verify'] } as const
    const imported = await importPublicKey(keyMaterial(readExample(`jwk/${publicFile}`)), fail, {
      usage,
    })
    const half = publicKey(readExample(`jwk/${privateFile}`))
    expect(imported?.key.equals(half)).toBe(true)
  })

  it('takes the secrets for what their JWK says, and for nothing else', async () => {
    const mac = readExample('jwk/3_5.symmetric_key_mac_computation.json')
    const encryption = readExample('jwk/3_6.symmetric_key_encryption.json')
    const imported = await importKey(keyMaterial(mac), 'HS256', undefined, fail)
    expect(imported?.key.export().toString('base64url')).toBe(mac.k)
    const rules: string[] = []
    const report = ({ rule }: { readonly rule: string }) => rules.push(rule)

    expect(
      importSecret(keyMaterial(encryption), undefined, fail, FOR_ENCRYPTION)?.export().length,
    ).toBe(32)
    expect(importSecret(keyMaterial(mac), undefined, report, FOR_ENCRYPTION)).toBeUndefined()
    expect(await importKey(keyMaterial(encryption), 'HS256', undefined, report)).toBeUndefined()
    expect(new Set(rules)).toEqual(new Set(['key/usage']))
  })
})

describe.skipIf(!hasCookbook)('encryption of RFC 7520 section 5 and RFC 8037', () => {
  const all: Encryption[] = [...readExamples('jwe'), readExample('curve25519/ecdh-es.json')].filter(
    (example) => example !== undefined && !Array.isArray(example.input.key),
  )
  const isOffered = ({ input: { alg, enc } }: Encryption) =>
    encryptSchema.safeParse({ alg, enc }).success
  const offered = all.filter(isOffered)
  const several: Encryption = readExample('jwe/5_13.encrypting_to_multiple_recipients.json')

  it('refuses the algorithms that are not offered, and only those', () => {
    const refused = all.filter((example) => !isOffered(example))
    expect(refused.map(({ input: { alg } }) => alg).toSorted()).toEqual([
      'PBES2-HS512+A256KW',
      'RSA1_5',
    ])
    expect(offered.length).toBe(11)
  })

  it.each(offered)('$title: decrypts with the key that we import', async ({ input, output }) => {
    const key = decryptionKey(input.key)
    expect((await imported(input.key))?.equals(publicKey(input.key))).toBe(true)
    const { plaintext } = output.json_flat
      ? await flattenedDecrypt(output.json_flat, key)
      : await compactDecrypt(output.compact!, key)
    expect(Buffer.from(plaintext).toString()).toBe(input.plaintext)
  })

  const compact = offered.filter(({ input, output }) => output.compact && !('zip' in input))
  it.each(compact)('$title: an implementation without jose agrees', ({ input, output }) => {
    const opened = decryptJwe(output.compact!, decryptionKey(input.key))
    expect(opened.plaintext).toBe(input.plaintext)
  })

  it.each(offered)('$title: our token for that key holds the same', async ({ input }) => {
    const { header, plaintext } = await encryptedBy(input)
    expect(plaintext).toBe(input.plaintext)
    expect(header).toMatchObject({ alg: input.alg, enc: input.enc, kid: input.key.kid })
  })

  it('refuses to compress, as section 5.9 does', () => {
    const compressed = { alg: 'A128KW', enc: 'A128GCM', secret: 'x' }
    expect(encryptSchema.safeParse(compressed).success).toBe(true)
    expect(encryptSchema.safeParse({ ...compressed, zip: 'DEF' }).success).toBe(false)
  })

  it('encrypts to the recipients of section 5.13, but for that of RSA1_5', async () => {
    const { alg, key, plaintext } = several.input as unknown as {
      readonly alg: readonly string[]
      readonly key: readonly Jwk[]
      readonly plaintext: string
    }
    const offeredHere = alg.filter((name) => isOffered({ ...several, input: inputFor(name) }))
    expect(offeredHere).toEqual(['ECDH-ES+A256KW', 'A256GCMKW'])
    for (const name of offeredHere) {
      const input = inputFor(name)
      const theirs = await generalDecrypt(several.output.json, decryptionKey(input.key))
      expect(Buffer.from(theirs.plaintext).toString()).toBe(plaintext)
      expect((await encryptedBy(input)).plaintext).toBe(plaintext)
    }

    function inputFor(name: string): Encryption['input'] {
      return { alg: name, enc: 'A128CBC-HS256', plaintext, key: key[alg.indexOf(name)]! }
    }
  })
})

describe.skipIf(!hasCookbook)('the nested token of RFC 7520 section 6', () => {
  it('opens to the signed token, and ours to ours', async () => {
    const { sign, encrypt } = nesting
    const inner = decryptJwe(encrypt.output.compact, decryptionKey(encrypt.input.key)).plaintext
    expect(inner).toBe(sign.output.compact)

    const [signature] = signaturesOf(sign)
    const { payload } = sign.input
    const ours = await compactSigner(await signerOf(signature!))(
      sign.signing.protected,
      typeof payload === 'string' ? JSON.parse(payload) : payload,
    )
    const opened = await encryptedBy({ ...encrypt.input, plaintext: ours }, { cty: 'JWT' })
    expect(opened.plaintext).toBe(ours)
    expect(opened.header.cty).toBe('JWT')
    const [header, claims, sig = ''] = opened.plaintext.split('.')
    const { hash, options } = algorithm(signature!.alg) as SignatureAlgorithm
    const key = publicKey(signature!.key)
    const input = Buffer.from(`${header}.${claims}`)
    expect(verify(hash, input, { key, ...options }, Buffer.from(sig, 'base64url'))).toBe(true)
  })
})

async function signerOf({ alg, key }: Signature) {
  const imported = await importKey(keyMaterial(key), alg, undefined, fail)
  return createSigner(alg, imported!.key, 'the corpus')
}

/** The key for encryption as our import gives it. */
async function imported(key: Jwk) {
  const usage = FOR_ENCRYPTION
  if (key.kty === 'oct') return importSecret(keyMaterial(key), undefined, fail, usage)
  return (await importPublicKey(keyMaterial(publicHalf(key)), fail, { usage }))?.key
}

/** What our token holds, opened without our code. */
async function encryptedBy(input: Encryption['input'], header: JsonObject = {}) {
  const { alg, enc, key, plaintext } = input
  const place = key.kty === 'oct' ? 'secret' : 'publicKey'
  const { scope, faults } = recordingScope({ variables: { PEER: JSON.stringify(publicHalf(key)) } })
  const config = encryptSchema.parse({ alg, enc, [place]: { env: 'PEER' } })
  const encrypter = await loadEncrypter(config, scope)
  expect(faults).toEqual([])
  return decryptJwe(await encrypter!.encrypt(plaintext, header), decryptionKey(key))
}

function fail({ message }: { readonly message: string }): never {
  throw new Error(message)
}
