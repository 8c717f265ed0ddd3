import { createHash, createPublicKey, createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type EncryptConfig,
  encryptSchema,
} from '../../../../src/keys/encryption/encryption-schema.ts'
import { loadEncrypter } from '../../../../src/keys/encryption/load-encrypter.ts'
import { canMakeCertificates, makeCertificate } from '../../../support/certificate.ts'
import { decryptJwe } from '../../../support/decrypt-jwe.ts'
import { x25519Keys } from '../../../support/encryption-keys.ts'
import { ecKeys, ed25519Keys, encryptedPem, rsaKeys } from '../../../support/keys.ts'
import { recordingScope } from '../../../support/recording-scope.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const rsa = rsaKeys()
const ec = ecKeys()
const x25519 = x25519Keys()

/** Loads an `encrypt` block with the key in the environment variable PEER. */
async function load(config: EncryptConfig, peer = '') {
  const { scope, faults } = recordingScope({ variables: { PEER: peer } })
  return { encrypter: await loadEncrypter(config, scope.at('encrypt')), faults }
}

/** The header of a token made with this key, and no fault on the way. */
async function headerWith(config: EncryptConfig, peer: string) {
  const { encrypter, faults } = await load(config, peer)
  expect(faults).toEqual([])
  const [header = ''] = (await encrypter!.encrypt('', {})).split('.')
  return JSON.parse(Buffer.from(header, 'base64url').toString())
}

const PEER = { env: 'PEER' }
const text = (key: object) => JSON.stringify(key)

describe('T091 encryptSchema', () => {
  const TRANSIT = { address: 'https://vault.test', key: 'orders', token: { env: 'TOKEN' } }
  const rest = { enc: 'A256GCM', publicKey: PEER }

  it.each(['RSA1_5', 'PBES2-HS256+A128KW', 'PBES2-HS512+A256KW', 'rsa-oaep', 'none'])(
    'refuses alg %s',
    (alg) => {
      expect(encryptSchema.safeParse({ ...rest, alg }).success).toBe(false)
    },
  )

  it.each([
    { zip: 'DEF' },
    { enc: 'A128CBC' },
    { kid: '' },
    { kid: 'a\nb' },
    { signed: 'no' },
    { publicKey: { vaultTransit: TRANSIT } },
  ])('refuses %j', (member) => {
    expect(encryptSchema.safeParse({ ...rest, alg: 'RSA-OAEP', ...member }).success).toBe(false)
  })
})

describe('loadEncrypter', () => {
  const PUBLIC: [form: string, alg: EncryptConfig['alg'], peer: string, keys: typeof x25519][] = [
    ['PEM', 'RSA-OAEP-256', rsa.spki, { encrypt: rsa.publicKey, decrypt: rsa.privateKey }],
    ['PKCS#1 PEM', 'RSA-OAEP', pkcs1Public(), { encrypt: rsa.publicKey, decrypt: rsa.privateKey }],
    ['PEM', 'ECDH-ES', ec.spki, { encrypt: ec.publicKey, decrypt: ec.privateKey }],
    ['JWK', 'ECDH-ES', text(ec.publicJwk), { encrypt: ec.publicKey, decrypt: ec.privateKey }],
    ['JWK on X25519', 'ECDH-ES+A256KW', text(x25519.encrypt.export({ format: 'jwk' })), x25519],
    [
      'JWK as Web Crypto exports it',
      'ECDH-ES',
      text({ ...ec.publicJwk, key_ops: [], ext: true }),
      { encrypt: ec.publicKey, decrypt: ec.privateKey },
    ],
    ['PEM on X25519', 'ECDH-ES+A128KW', spki(x25519.encrypt), x25519],
  ]
  it.each(PUBLIC)('encrypts to a public key as %s with %s', async (_, alg, peer, keys) => {
    const { encrypter, faults } = await load({ alg, enc: 'A256GCM', publicKey: PEER }, peer)
    expect(faults).toEqual([])
    expect(encrypter).toMatchObject({ alg, enc: 'A256GCM' })
    expect(decryptJwe(await encrypter!.encrypt('text', {}), keys.decrypt).plaintext).toBe('text')
  })

  const secret = randomBytes(32)
  it.each([
    ['base64', secret.toString('base64'), 'Base64Secret', secret, 'A256KW'],
    ['base64url', secret.toString('base64url'), 'UrlSafeBase64Secret', secret, 'A256GCMKW'],
    ['hex', secret.toString('hex'), 'HexSecret', secret, 'dir'],
    ['a JWK', text({ kty: 'oct', k: secret.toString('base64url') }), undefined, secret, 'dir'],
  ] as const)(
    'takes the bytes of a secret as %s as the key',
    async (_, peer, keyType, bytes, alg) => {
      const { encrypter, faults } = await load({ alg, enc: 'A256GCM', secret: PEER, keyType }, peer)
      expect(faults).toEqual([])
      const jwe = await encrypter!.encrypt('text', {})
      expect(decryptJwe(jwe, createSecretKey(bytes)).plaintext).toBe('text')
    },
  )

  it('takes the one key of a JWK set that is for encryption', async () => {
    const signing = { ...ecKeys('P-256', 'signing').publicJwk, use: 'sig', kid: 'sig-1' }
    const set = { keys: [signing, { ...ec.publicJwk, use: 'enc', kid: 'enc-1' }] }
    const { path } = await tempFolder({ 'peer.json': text(set) })
    const { scope, faults } = recordingScope({ folder: path })
    const publicKey = { jwks: 'peer.json' }
    const config = encryptSchema.parse({ alg: 'ECDH-ES', enc: 'A128GCM', publicKey })
    const encrypter = await loadEncrypter(config, scope)
    expect(faults).toEqual([])
    const jwe = await encrypter!.encrypt('text', {})
    expect(decryptJwe(jwe, ec.privateKey)).toMatchObject({
      plaintext: 'text',
      header: { kid: 'enc-1' },
    })
  })

  it.runIf(canMakeCertificates)('encrypts to the key of a certificate', async () => {
    const { cert } = await makeCertificate()
    const header = await headerWith({ alg: 'ECDH-ES', enc: 'A128GCM', publicKey: PEER }, cert)
    expect(header.kid).toBe(thumbprint(createPublicKey(cert).export({ format: 'jwk' })))
  })

  it.runIf(canMakeCertificates)('warns of a certificate that has expired', async () => {
    const { cert } = await makeCertificate()
    const { scope, faults } = recordingScope({ variables: { PEER: cert } })
    const environment = { ...scope.environment, now: () => Date.now() + 2 * 86_400_000 }
    const later = { ...scope, environment }
    const config: EncryptConfig = { alg: 'ECDH-ES', enc: 'A128GCM', publicKey: PEER }
    expect(await loadEncrypter(config, later)).toBeDefined()
    expect(faults).toMatchObject([{ severity: 'warning', rule: 'key/certificate' }])
  })

  it('does not warn of a public key in the policy file, but of a secret', async () => {
    const enc = 'A128GCM'
    const peer = await load({ alg: 'RSA-OAEP', enc, publicKey: rsa.spki })
    const shared = await load({ alg: 'A128KW', enc, secret: 'sixteen letters!' })
    expect(peer.faults).toEqual([])
    expect(shared.faults).toMatchObject([
      { severity: 'warning', rule: 'key/inline', path: ['encrypt', 'secret'] },
      { severity: 'warning', rule: 'key/guessable', path: ['encrypt', 'secret'] },
    ])
  })

  it.each([
    ['PEM', rsa.pkcs8, ['encrypt', 'publicKey']],
    ['JWK', { jwk: { ...rsa.privateJwk, kty: 'RSA' } }, ['encrypt', 'publicKey', 'jwk']],
    ['JWK text', text(rsa.privateJwk), ['encrypt', 'publicKey']],
  ] as const)('warns of a private key in the policy file as %s', async (_, publicKey, path) => {
    const { faults } = await load({ alg: 'RSA-OAEP', enc: 'A128GCM', publicKey })
    expect(faults).toMatchObject([{ severity: 'warning', rule: 'key/inline', path }])
  })

  it.each([
    ['a JWK', { jwk: { ...rsa.publicJwk, kty: 'RSA' } }],
    ['JWK text', text(rsa.publicJwk)],
    ['base64 of DER', rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
  ] as const)('does not warn of a public key in the policy file as %s', async (_, publicKey) => {
    const { faults } = await load({ alg: 'RSA-OAEP', enc: 'A128GCM', publicKey })
    expect(faults).toEqual([])
  })

  it('takes plain text as the key, but warns that it can be guessed', async () => {
    const config: EncryptConfig = { alg: 'A128KW', enc: 'A128GCM', secret: PEER }
    const { encrypter, faults } = await load(config, 'sixteen letters!')
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'key/guessable', path: ['encrypt', 'secret', 'env'] },
    ])
    const jwe = await encrypter!.encrypt('text', {})
    const key = createSecretKey(Buffer.from('sixteen letters!'))
    expect(decryptJwe(jwe, key).plaintext).toBe('text')
  })

  it('warns of tokens that are not signed under a public key, not under a secret', async () => {
    const rest = { enc: 'A128GCM', signed: false } as const
    const peer = await load({ alg: 'RSA-OAEP', publicKey: PEER, ...rest }, rsa.spki)
    expect(peer.encrypter).toBeDefined()
    expect(peer.faults).toMatchObject([
      { severity: 'warning', rule: 'encrypt/unsigned-public', path: ['encrypt', 'signed'] },
    ])
    const shared: EncryptConfig = { alg: 'A128KW', secret: PEER, keyType: 'HexSecret', ...rest }
    expect((await load(shared, randomBytes(16).toString('hex'))).faults).toEqual([])
  })
})

describe('kid', () => {
  const config: EncryptConfig = { alg: 'ECDH-ES', enc: 'A128GCM', publicKey: PEER }
  const named = text({ ...ec.publicJwk, kid: 'peer-7' })
  const octets = { kty: 'oct', k: randomBytes(16).toString('base64url') }

  it.each([
    ['the thumbprint of a public key', undefined, ec.spki, thumbprint(ec.publicJwk)],
    ['the kid of the JWK', undefined, named, 'peer-7'],
    ['the thumbprint when it is asked for', 'thumbprint', named, thumbprint(ec.publicJwk)],
    ['the name that is written', 'peer-8', named, 'peer-8'],
    ['any name', 'constructor', named, 'constructor'],
    ['nothing when it is to be left out', 'omit', named, undefined],
    [
      'a kid of the JWK that is called omit',
      undefined,
      text({ ...ec.publicJwk, kid: 'omit' }),
      'omit',
    ],
  ])('is %s', async (_, kid, peer, expected) => {
    expect((await headerWith({ ...config, kid }, peer)).kid).toBe(expected)
  })

  it.each([
    ['nothing for a secret', undefined, text(octets), undefined],
    ['the kid of the JWK of a secret', undefined, text({ ...octets, kid: 'shared' }), 'shared'],
    ['the name that is written for a secret', 's-1', text(octets), 's-1'],
  ])('is %s', async (_, kid, peer, expected) => {
    const shared: EncryptConfig = { alg: 'A128KW', enc: 'A128GCM', secret: PEER, kid }
    expect((await headerWith(shared, peer)).kid).toBe(expected)
  })
})

describe('the length of a secret', () => {
  it.each([
    ['dir', 'A128GCM', 16],
    ['dir', 'A192GCM', 24],
    ['dir', 'A256GCM', 32],
    ['dir', 'A128CBC-HS256', 32],
    ['dir', 'A192CBC-HS384', 48],
    ['dir', 'A256CBC-HS512', 64],
    ['A128KW', 'A256GCM', 16],
    ['A192KW', 'A256GCM', 24],
    ['A256KW', 'A128GCM', 32],
    ['A128GCMKW', 'A256CBC-HS512', 16],
    ['A192GCMKW', 'A256GCM', 24],
    ['A256GCMKW', 'A128GCM', 32],
  ] as const)('of %s with %s is %i bytes, not one more or less', async (alg, enc, length) => {
    const config: EncryptConfig = { alg, enc, secret: PEER, keyType: 'Base64Secret' }
    const withLength = (bytes: number) => load(config, randomBytes(bytes).toString('base64'))

    expect((await withLength(length)).faults).toEqual([])
    for (const found of [length - 1, length + 1]) {
      const { encrypter, faults } = await withLength(found)
      expect(encrypter).toBeUndefined()
      expect(faults).toMatchObject([{ severity: 'error', rule: 'key/mismatch' }])
      expect(faults[0]!.message).toContain(`exactly ${length} bytes`)
      expect(faults[0]!.message).toContain(`found ${found}`)
    }
  })
})

describe('a block that cannot encrypt', () => {
  const toPeer = (alg: EncryptConfig['alg'], more: Partial<EncryptConfig> = {}): EncryptConfig => ({
    alg,
    enc: 'A256GCM',
    publicKey: PEER,
    ...more,
  })
  const shared = (alg: EncryptConfig['alg'], more: Partial<EncryptConfig> = {}): EncryptConfig => ({
    alg,
    enc: 'A256GCM',
    secret: PEER,
    ...more,
  })
  const octets = { kty: 'oct', k: randomBytes(32).toString('base64url') }
  const noPoint = { kty: 'OKP', crv: 'X25519', x: Buffer.alloc(32).toString('base64url') }
  const pss = { ...rsa.publicJwk, alg: 'PS256' }

  it.each<[what: string, config: EncryptConfig, peer: string, rule: string, at: string]>([
    ['no key at all', { alg: 'dir', enc: 'A256GCM' }, '', 'schema/required', ''],
    ['a public key for dir', toPeer('dir'), ec.spki, 'key/mismatch', 'publicKey'],
    ['a secret for RSA-OAEP', shared('RSA-OAEP'), 'x', 'key/mismatch', 'secret'],
    ['both', shared('A256KW', { publicKey: PEER }), 'x', 'key/mismatch', 'publicKey'],
    [
      'an unset variable',
      toPeer('RSA-OAEP', { publicKey: { env: 'NO' } }),
      '',
      'key/missing',
      'publicKey.env',
    ],
    ['an EC key for RSA-OAEP', toPeer('RSA-OAEP'), ec.spki, 'key/mismatch', 'publicKey.env'],
    ['an RSA key for ECDH-ES', toPeer('ECDH-ES'), rsa.spki, 'key/mismatch', 'publicKey.env'],
    [
      'an Ed25519 key for ECDH-ES',
      toPeer('ECDH-ES'),
      ed25519Keys().spki,
      'key/mismatch',
      'publicKey.env',
    ],
    [
      'a key on secp256k1',
      toPeer('ECDH-ES'),
      ecKeys('secp256k1').spki,
      'key/mismatch',
      'publicKey.env',
    ],
    ['a point of small order', toPeer('ECDH-ES'), text(noPoint), 'key/mismatch', 'publicKey.env'],
    ['RSA of 1024 bits', toPeer('RSA-OAEP'), rsaKeys(1024).spki, 'key/weak', 'publicKey.env'],
    [
      'RSA of 9000 bits',
      toPeer('RSA-OAEP'),
      text(rsaOf(1125, 'AQAB')),
      'key/too-large',
      'publicKey.env',
    ],
    [
      'RSA with the exponent 3',
      toPeer('RSA-OAEP'),
      text(rsaOf(256, 'Aw')),
      'key/weak',
      'publicKey.env',
    ],
    ['a cut PEM text', toPeer('RSA-OAEP'), rsa.spki.slice(0, 200), 'key/parse', 'publicKey.env'],
    ['a cut JWK', toPeer('ECDH-ES'), text(ec.publicJwk).slice(0, -9), 'key/parse', 'publicKey.env'],
    ['plain text for a public key', toPeer('ECDH-ES'), 'not a key', 'key/parse', 'publicKey.env'],
    [
      'a JWK of a secret for ECDH-ES',
      toPeer('ECDH-ES'),
      text(octets),
      'key/mismatch',
      'publicKey.env',
    ],
    [
      'a JWK that signs',
      toPeer('RSA-OAEP'),
      text({ ...rsa.publicJwk, use: 'sig' }),
      'key/usage',
      'publicKey.env',
    ],
    ['a JWK of another alg', toPeer('RSA-OAEP'), text(pss), 'key/usage', 'publicKey.env'],
    [
      'a JWK of RSA with no key_ops',
      toPeer('RSA-OAEP'),
      text({ ...rsa.publicJwk, key_ops: [] }),
      'key/usage',
      'publicKey.env',
    ],
    [
      'a JWK with other key_ops',
      toPeer('RSA-OAEP'),
      text({ ...rsa.publicJwk, key_ops: ['verify'] }),
      'key/usage',
      'publicKey.env',
    ],
    [
      'a JWK with a kid of 300 letters',
      toPeer('ECDH-ES'),
      text({ ...ec.publicJwk, kid: 'k'.repeat(300) }),
      'key/kid',
      'publicKey.env',
    ],
    [
      'a JWK of dir for another enc',
      shared('dir'),
      text({ ...octets, alg: 'A128GCM' }),
      'key/usage',
      'secret.env',
    ],
    ['a PEM text as a secret', shared('A256KW'), rsa.pkcs8, 'key/mismatch', 'secret.env'],
    [
      'a public JWK as a secret',
      shared('A256KW'),
      text(ec.publicJwk),
      'key/mismatch',
      'secret.env',
    ],
    ['a secret of one byte', shared('A256KW'), 'a'.repeat(32), 'key/weak', 'secret.env'],
    [
      'a secret that repeats itself',
      shared('A256KW', { keyType: 'HexSecret' }),
      randomBytes(8).toString('hex').repeat(4),
      'key/weak',
      'secret.env',
    ],
    [
      'a secret of tutorials',
      shared('A256KW'),
      '12345678901234567890123456789012',
      'key/weak',
      'secret.env',
    ],
    [
      'a public key as a secret in hexadecimal digits',
      shared('dir', { keyType: 'HexSecret' }),
      ed25519Keys().publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
      'key/mismatch',
      'secret.env',
    ],
    [
      'a secret that is no base64',
      shared('A256KW', { keyType: 'Base64Secret' }),
      'a b!',
      'key/type',
      'secret.env',
    ],
    [
      'a keyType of a key pair for a secret',
      shared('A256KW', { keyType: 'RsaPem' }),
      'x',
      'key/type',
      'keyType',
    ],
    [
      'a keyType of a secret for a key pair',
      toPeer('RSA-OAEP', { keyType: 'Secret' }),
      rsa.spki,
      'key/type',
      'keyType',
    ],
    [
      'another keyType',
      toPeer('RSA-OAEP', { keyType: 'EcPem' }),
      rsa.spki,
      'key/type',
      'publicKey.env',
    ],
    ['the thumbprint of a secret', shared('A256KW', { kid: 'thumbprint' }), 'x', 'key/kid', 'kid'],
    ['x5t', toPeer('ECDH-ES', { kid: 'x5t' }), ec.spki, 'key/kid', 'kid'],
    [
      'an encrypted PEM text',
      toPeer('RSA-OAEP'),
      encryptedPem(rsa, 'secret'),
      'key/encrypted',
      'publicKey.env',
    ],
  ])('refuses %s', async (_, config, peer, rule, at) => {
    const { encrypter, faults } = await load(config, peer)
    expect(encrypter).toBeUndefined()
    expect(faults.map((fault) => [fault.rule, fault.path.slice(1).join('.')])).toEqual([[rule, at]])
    for (const { message, hint } of faults) {
      expect(message).toMatch(/^(?:required: )?expected /)
      expect(hint).toBeDefined()
      for (const bytes of peer.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []) {
        expect(`${message} ${hint}`).not.toContain(bytes)
      }
    }
  })
})

/** A JWK that has the form of a public RSA key, which is all that encrypting asks for. */
function rsaOf(bytes: number, e: string) {
  const modulus = randomBytes(bytes)
  modulus[0]! |= 0x80
  modulus[bytes - 1]! |= 1
  return { kty: 'RSA', n: modulus.toString('base64url'), e }
}

function spki(key: { export(options: object): string | Buffer }): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function pkcs1Public(): string {
  return rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}

/** RFC 7638 section 3, for a key on a curve. */
function thumbprint({ crv, kty, x, y }: { crv?: string; kty?: string; x?: string; y?: string }) {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}
