import { compactDecrypt, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { compactSigner } from '../../src/credentials/compact.ts'
import { createEncrypter } from '../../src/keys/encryption/encrypter.ts'
import {
  CONTENT_ENCRYPTION_NAMES,
  type ContentEncryptionName,
  KEY_MANAGEMENT_NAMES,
  type KeyManagementName,
} from '../../src/keys/encryption/encryption-algorithms.ts'
import { loadKey } from '../../src/keys/index.ts'
import { encryptionKeys, x25519Keys } from '../support/encryption-keys.ts'
import { joseCommandKnows, openWithJose } from '../support/jose-command.ts'
import { canRunJwcrypto, openWithJwcrypto } from '../support/jwcrypto.ts'
import { ecKeys } from '../support/keys.ts'
import { recordingScope } from '../support/recording-scope.ts'

const PLAINTEXT = '{"sub":"ann","name":"Ännchen 😀"}'
/** What jwcrypto 1.1 of Debian 12 has not. */
const NOT_IN_JWCRYPTO: readonly string[] = ['RSA-OAEP-384', 'RSA-OAEP-512']

const EVERY_PAIR = KEY_MANAGEMENT_NAMES.flatMap((alg) =>
  CONTENT_ENCRYPTION_NAMES.map((enc) => ({ alg, enc })),
)

async function encrypted(alg: KeyManagementName, enc: ContentEncryptionName) {
  const { encrypt, decrypt } = encryptionKeys(alg, enc)
  const token = await createEncrypter(alg, enc, encrypt, 'a test').encrypt(PLAINTEXT, {})
  return { token, key: decrypt.export({ format: 'jwk' }), decrypt }
}

describe('jose', () => {
  it.each(EVERY_PAIR)('decrypts our token of $alg and $enc', async ({ alg, enc }) => {
    const { token, decrypt } = await encrypted(alg, enc)
    const { plaintext } = await compactDecrypt(token, decrypt)
    expect(Buffer.from(plaintext).toString()).toBe(PLAINTEXT)
  })
})

describe('T091 a nested token', () => {
  it.each(['RSA-OAEP-256', 'ECDH-ES+A256KW', 'dir'] as const)(
    'that is encrypted with %s opens to a token whose signature verifies',
    async (alg) => {
      const variables = { KEY: ecKeys('P-256', 'signer').pkcs8 }
      const { scope } = recordingScope({ variables })
      const signingMethod = 'ES256'
      const key = await loadKey({ signingMethod, privateKey: { env: 'KEY' } }, scope)
      const signed = await compactSigner(key!.signer)({ alg: signingMethod }, { sub: 'ann' })
      const { encrypt, decrypt } = encryptionKeys(alg)
      const { encrypt: enclose } = createEncrypter(alg, 'A256GCM', encrypt, 'a test')
      const opened = await compactDecrypt(await enclose(signed, { cty: 'JWT' }), decrypt)

      expect(opened.protectedHeader.cty).toBe('JWT')
      const { payload } = await jwtVerify(opened.plaintext, ecKeys('P-256', 'signer').publicKey)
      expect(payload).toEqual({ sub: 'ann' })
    },
  )
})

describe.skipIf(!canRunJwcrypto)('jwcrypto', () => {
  it('decrypts our token of every pair of algorithms that it knows', async () => {
    const known = EVERY_PAIR.filter(({ alg }) => !NOT_IN_JWCRYPTO.includes(alg))
    const tasks = await Promise.all(known.map(({ alg, enc }) => encrypted(alg, enc)))
    const opened = openWithJwcrypto(tasks).map((text, index) => ({ ...known[index], text }))
    expect(opened).toEqual(known.map((pair) => ({ ...pair, text: PLAINTEXT })))
  })

  it('decrypts our token over X25519', async () => {
    const { encrypt, decrypt } = x25519Keys()
    const encrypter = createEncrypter('ECDH-ES', 'A256GCM', encrypt, 'a test')
    const token = await encrypter.encrypt(PLAINTEXT, {})
    expect(openWithJwcrypto([{ token, key: decrypt.export({ format: 'jwk' }) }])).toEqual([
      PLAINTEXT,
    ])
  })
})

describe.skipIf(joseCommandKnows.size === 0)('the jose command', () => {
  const known = EVERY_PAIR.filter(({ alg, enc }) =>
    [alg, enc].every((name) => joseCommandKnows.has(name)),
  )
  it.each(known)('decrypts our token of $alg and $enc', async ({ alg, enc }) => {
    expect(await openWithJose(await encrypted(alg, enc))).toBe(PLAINTEXT)
  })
})
