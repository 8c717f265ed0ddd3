import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  createEncrypter,
  ENCRYPTION_PARAMETERS,
} from '../../../../src/keys/encryption/encrypter.ts'
import {
  CONTENT_ENCRYPTION_NAMES,
  KEY_MANAGEMENT_NAMES,
} from '../../../../src/keys/encryption/encryption-algorithms.ts'
import { decryptJwe } from '../../../support/decrypt-jwe.ts'
import {
  type EncryptionKeys,
  encryptionKeys,
  x25519Keys,
} from '../../../support/encryption-keys.ts'
import { errorCode } from '../../../support/error-code.ts'
import { ecKeys } from '../../../support/keys.ts'

const PLAINTEXT = '{"sub":"ann","name":"Ännchen 😀"}'

const EVERY_PAIR = KEY_MANAGEMENT_NAMES.flatMap((alg) =>
  CONTENT_ENCRYPTION_NAMES.map((enc) => ({ alg, enc })),
)

describe('createEncrypter', () => {
  it.each(EVERY_PAIR)('T091 encrypts with $alg and $enc as RFC 7518 says', async ({ alg, enc }) => {
    const keys = encryptionKeys(alg, enc)
    const { encrypt } = createEncrypter(alg, enc, keys.encrypt, 'a test', 'peer-1')
    const { header, plaintext } = decryptJwe(await encrypt(PLAINTEXT, { typ: 'JWT' }), keys.decrypt)

    expect(plaintext).toBe(PLAINTEXT)
    expect(header).toMatchObject({ alg, enc, kid: 'peer-1', typ: 'JWT' })
  })

  const CURVES: [name: string, keys: EncryptionKeys][] = [
    ...(['P-256', 'P-384', 'P-521'] as const).map((curve): [string, EncryptionKeys] => {
      const { publicKey, privateKey } = ecKeys(curve)
      return [curve, { encrypt: publicKey, decrypt: privateKey }]
    }),
    ['X25519', x25519Keys()],
  ]
  it.each(CURVES)('agrees on a key over %s', async (_, keys) => {
    for (const alg of ['ECDH-ES', 'ECDH-ES+A256KW'] as const) {
      const { encrypt } = createEncrypter(alg, 'A256GCM', keys.encrypt, 'a test')
      expect(decryptJwe(await encrypt(PLAINTEXT, {}), keys.decrypt).plaintext).toBe(PLAINTEXT)
    }
  })

  it('writes only what it was given into the header', async () => {
    const { encrypt, decrypt } = encryptionKeys('A128KW')
    const encrypter = createEncrypter('A128KW', 'A256GCM', encrypt, 'a test')
    const jwe = await encrypter.encrypt(PLAINTEXT, { typ: 'JWT', cty: 'JWT', tenant: ['a'] })
    const { header } = decryptJwe(jwe, decrypt)

    expect(Object.entries(header)).toEqual([
      ['alg', 'A128KW'],
      ['enc', 'A256GCM'],
      ['typ', 'JWT'],
      ['cty', 'JWT'],
      ['tenant', ['a']],
    ])
    expect(encrypter).not.toHaveProperty('kid')
  })

  it.each([...ENCRYPTION_PARAMETERS])('refuses a header that sets %s', async (name) => {
    const { encrypt } = encryptionKeys('A128KW')
    const encrypter = createEncrypter('A128KW', 'A256GCM', encrypt, 'a test')
    expect(await errorCode(() => encrypter.encrypt(PLAINTEXT, { [name]: 'x' }))).toBe(
      'claim/duplicate',
    )
  })

  it('rejects with key/unavailable when the key cannot encrypt', async () => {
    const tooShort = createSecretKey(Buffer.alloc(15, 'x'))
    const { encrypt } = createEncrypter('A128KW', 'A256GCM', tooShort, 'env PEER')
    const error: unknown = await encrypt(PLAINTEXT, {}).catch((thrown) => thrown)
    expect(error).toMatchObject({
      code: 'key/unavailable',
      message: 'expected the key from env PEER to encrypt with A128KW and A256GCM',
    })
  })
})

describe('a JWE that was changed', () => {
  const CHANGED = EVERY_PAIR.filter(({ alg }) =>
    ['dir', 'A256GCMKW', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW'].includes(alg),
  ).filter(({ enc }) => ['A256GCM', 'A128CBC-HS256'].includes(enc))

  it.each(CHANGED)('of $alg and $enc does not decrypt, whichever part', async ({ alg, enc }) => {
    const keys = encryptionKeys(alg, enc)
    const jwe = await createEncrypter(alg, enc, keys.encrypt, 'a test').encrypt(PLAINTEXT, {})
    const parts = jwe.split('.')
    const change = (part: string) =>
      part === '' ? 'AAAA' : (part.startsWith('A') ? 'B' : 'A') + part.slice(1)
    const broken = parts.map((part, index) => parts.with(index, change(part)).join('.'))

    expect(decryptJwe(jwe, keys.decrypt).plaintext).toBe(PLAINTEXT)
    for (const one of [...broken, jwe.slice(0, -4)]) {
      expect(() => decryptJwe(one, keys.decrypt)).toThrow()
    }
  })
})

describe('randomness', () => {
  const COUNT = 10_000

  async function many<Made>(count: number, make: () => Promise<Made>): Promise<Made[]> {
    const made: Made[] = []
    while (made.length < count) made.push(...(await Promise.all(Array.from({ length: 500 }, make))))
    return made
  }

  it('T092 repeats no IV, no content key and no IV of the key wrap', {
    timeout: 120_000,
  }, async () => {
    const { encrypt, decrypt } = encryptionKeys('A128GCMKW')
    const encrypter = createEncrypter('A128GCMKW', 'A128GCM', encrypt, 'a test')
    const texts = await many(COUNT, () => encrypter.encrypt('same', {}))
    const opened = texts.map((jwe) => decryptJwe(jwe, decrypt))
    const distinct = (values: unknown[]) => new Set(values).size

    expect(distinct(opened.map(({ iv }) => iv.toString('hex')))).toBe(COUNT)
    expect(distinct(opened.map(({ cek }) => cek.toString('hex')))).toBe(COUNT)
    expect(distinct(opened.map(({ header }) => header.iv))).toBe(COUNT)
  })

  it('T092 repeats no IV under the one key of dir', { timeout: 120_000 }, async () => {
    const { encrypt } = encryptionKeys('dir', 'A128GCM')
    const encrypter = createEncrypter('dir', 'A128GCM', encrypt, 'a test')
    const texts = await many(COUNT, () => encrypter.encrypt('same', {}))
    expect(new Set(texts.map((jwe) => jwe.split('.')[2])).size).toBe(COUNT)
  })

  it('agrees on a key with a new ephemeral key each time', async () => {
    const { encrypt, decrypt } = encryptionKeys('ECDH-ES')
    const encrypter = createEncrypter('ECDH-ES', 'A128GCM', encrypt, 'a test')
    const texts = await many(500, () => encrypter.encrypt('same', {}))
    const ephemeral = texts.map((jwe) => JSON.stringify(decryptJwe(jwe, decrypt).header.epk))
    expect(new Set(ephemeral).size).toBe(500)
  })
})
