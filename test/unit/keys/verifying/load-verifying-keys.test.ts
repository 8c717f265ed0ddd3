import { createPrivateKey } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type AlgorithmName,
  createKeySets,
  type KeySets,
  loadVerifyingKeys,
  verifyingKeyShape,
} from '../../../../src/keys/index.ts'
import type { KeySetOptions } from '../../../../src/keys/verifying/key-sets.ts'
import { canMakeCertificates, makeCertificate } from '../../../support/certificate.ts'
import { ecKeys, hmacSecret, rsaKeys } from '../../../support/keys.ts'
import { recordingScope } from '../../../support/recording-scope.ts'
import { type TempFolder, tempFolder } from '../../../support/temp-folder.ts'

const rsa = rsaKeys()
const ec = ecKeys()
const secret = hmacSecret()
const schema = z.strictObject(verifyingKeyShape)

let folder: TempFolder
beforeAll(async () => {
  folder = await tempFolder()
  await folder.write('rsa.pub.pem', rsa.spki)
  await folder.write('rsa.pem', rsa.pkcs8)
  await folder.write(
    'rsa.der',
    createPrivateKey(rsa.pkcs8).export({ format: 'der', type: 'pkcs8' }),
  )
  await folder.write('rsa.jwk.json', JSON.stringify(rsa.privateJwk))
  await folder.write('jwk.json', JSON.stringify(ec.publicJwk))
  const weak = { ...rsaKeys(1024).publicJwk, kid: 'weak' }
  const set = [{ ...rsa.publicJwk, kid: 'a' }, weak, { ...ec.publicJwk, kid: 'b' }]
  await folder.write('set.json', JSON.stringify({ keys: set }))
  await folder.write('weak.json', JSON.stringify({ keys: [weak] }))
  await folder.write('short.txt', 'a secret of too few bytes')
  return folder.remove
})

async function loaded(written: unknown, algorithms: readonly AlgorithmName[], keySets?: KeySets) {
  const variables = { STAFF_SECRET: secret }
  const { scope, faults } = recordingScope({ folder: folder.path, variables })
  const keys = await loadVerifyingKeys(schema.parse(written), scope, {
    algorithms,
    keySets: keySets ?? createKeySets({ environment: scope.environment, prefetch: false }),
  })
  const told = faults.map(({ severity, rule, path }) => [severity, rule, path.join('.')].join(' '))
  return { keys, faults, told }
}

/** The options that a set is asked for with. */
async function asked(written: unknown) {
  const seen: KeySetOptions[] = []
  const keySets: KeySets = {
    get(options) {
      seen.push(options)
      return { find: () => [] }
    },
  }
  const { keys, told } = await loaded(written, ['RS256'], keySets)
  return { keys, told, options: seen[0] }
}

describe('the keys of an authenticator', () => {
  it.each<[string, unknown, AlgorithmName[]]>([
    ['a secret in the environment', { secret: { env: 'STAFF_SECRET' } }, ['HS256', 'HS512']],
    ['a public key in a file', { publicKey: { file: 'rsa.pub.pem' } }, ['RS256', 'PS512']],
    ['a public key as PEM', { publicKey: ec.spki }, ['ES256']],
    ['a public key as a JWK', { publicKey: { jwk: ec.publicJwk } }, ['ES256']],
    ['a JWK in a file', { publicKey: { file: 'jwk.json' } }, ['ES256']],
    ['one key of a set', { publicKey: { jwks: 'set.json', kid: 'a' } }, ['RS256']],
  ])('are %s, whatever kid a token names', async (_, written, algorithms) => {
    const { keys, told } = await loaded(written, algorithms)
    expect(told).toEqual([])
    for (const alg of algorithms) {
      expect(await keys!.find({ alg, kid: 'any' })).toHaveLength(1)
      expect(await keys!.find({ alg })).toHaveLength(1)
    }
    expect(await keys!.find({ alg: 'EdDSA' })).toEqual([])
  })

  it('are the public half of a private key', async () => {
    const written = { publicKey: { file: 'rsa.pem' } }
    const { keys } = await loaded(written, ['RS256'])
    const [key] = await keys!.find({ alg: 'RS256' })
    expect(key!.type).toBe('public')
  })

  it.each([
    ['PEM', { file: 'rsa.pem' }],
    ['DER', { file: 'rsa.der' }],
    ['JWK', { file: 'rsa.jwk.json' }],
  ])('are warned about, once, when they come from a private key in %s', async (_, publicKey) => {
    const { keys, told } = await loaded({ publicKey }, ['RS256', 'PS256'])
    expect(keys).toBeDefined()
    expect(told).toEqual(['warning key/private publicKey.file'])
  })

  it.skipIf(!canMakeCertificates)('are the key of a certificate (needs openssl)', async () => {
    const { cert } = await makeCertificate()
    const { keys, told } = await loaded({ publicKey: cert }, ['ES256'])
    expect(told).toEqual([])
    expect(await keys!.find({ alg: 'ES256' })).toHaveLength(1)
  })

  it('are a secret as its keyType says', async () => {
    const hex = Buffer.from(secret).toString('hex')
    const { keys } = await loaded({ secret: hex, keyType: 'HexSecret' }, ['HS256'])
    const [key] = await keys!.find({ alg: 'HS256' })
    expect(key!.export().toString()).toBe(secret)
  })

  it('are warned about when the secret stands in the file', async () => {
    const { keys, told } = await loaded({ secret }, ['HS256'])
    expect(keys).toBeDefined()
    expect(told).toEqual(['warning key/inline secret'])
  })

  it('T101 are those of a JWK set in a file, by kid; what cannot be used is warned about', async () => {
    for (const jwks of ['set.json', { file: 'set.json' }]) {
      const { keys, told } = await loaded({ jwks }, ['RS256', 'ES256'])
      const place = typeof jwks === 'string' ? 'jwks' : 'jwks.file'
      expect(told).toEqual([`warning key/weak ${place}`])
      expect(await keys!.find({ alg: 'RS256', kid: 'a' })).toHaveLength(1)
      expect(await keys!.find({ alg: 'ES256', kid: 'b' })).toHaveLength(1)
      expect(await keys!.find({ alg: 'RS256', kid: 'weak' })).toEqual([])
      expect(await keys!.find({ alg: 'RS256' })).toHaveLength(1)
    }
  })

  it('may lack a key for some of the algorithms, with a warning', async () => {
    const { keys, told } = await loaded({ jwks: 'set.json' }, ['ES256', 'EdDSA'])
    expect(keys).toBeDefined()
    expect(told).toEqual(['warning key/mismatch jwks'])
  })

  it.each<[string, unknown, AlgorithmName[], string[]]>([
    ['no source', {}, ['RS256'], ['error key/missing ']],
    [
      'two sources',
      { secret: { env: 'STAFF_SECRET' }, jwks: 'set.json' },
      ['RS256'],
      ['error key/ambiguous jwks'],
    ],
    [
      'T097 a public key for HMAC',
      { publicKey: { file: 'rsa.pub.pem' } },
      ['RS256', 'HS256'],
      ['error key/mismatch algorithms.1'],
    ],
    [
      'T097 a public key in place of a secret',
      { secret: { file: 'rsa.pub.pem' } },
      ['HS256'],
      ['error key/mismatch secret.file'],
    ],
    [
      'T097 a URL for HMAC',
      { jwksUrl: 'https://idp.example.com/jwks' },
      ['HS512'],
      ['error key/mismatch algorithms.0'],
    ],
    [
      'a secret for RSA',
      { secret: { env: 'STAFF_SECRET' } },
      ['RS256'],
      ['error key/mismatch algorithms.0'],
    ],
    [
      'a secret as a public key',
      { publicKey: { env: 'STAFF_SECRET' } },
      ['RS256'],
      ['error key/parse publicKey.env'],
    ],
    [
      'a key of another type',
      { publicKey: { file: 'rsa.pub.pem' } },
      ['RS256', 'ES256'],
      ['error key/mismatch publicKey.file'],
    ],
    [
      'a curve of another algorithm',
      { publicKey: ec.spki },
      ['ES384'],
      ['error key/mismatch publicKey'],
    ],
    [
      'a JWK for another algorithm',
      { publicKey: { jwk: { ...rsa.publicJwk, alg: 'RS256' } } },
      ['RS256', 'RS512'],
      ['error key/usage publicKey.jwk'],
    ],
    [
      'T101 a JWK for encryption',
      { publicKey: { jwk: { ...rsa.publicJwk, use: 'enc' } } },
      ['RS256'],
      ['error key/usage publicKey.jwk'],
    ],
    [
      'T101 RSA of 1024 bits, told once',
      { publicKey: rsaKeys(1024).spki },
      ['RS256', 'RS512', 'PS256'],
      ['error key/weak publicKey'],
    ],
    [
      'a short secret',
      { secret: { file: 'short.txt' } },
      ['HS256'],
      ['error key/weak secret.file'],
    ],
    [
      'a keyType that does not fit',
      { publicKey: { file: 'rsa.pub.pem' }, keyType: 'EcPem' },
      ['RS256'],
      ['error key/type keyType', 'error key/type publicKey.file'],
    ],
    ['a file that is not there', { jwks: 'none.json' }, ['RS256'], ['error key/missing jwks']],
    ['a file that is no set', { jwks: 'jwk.json' }, ['ES256'], ['error key/parse jwks']],
    [
      'a set without a key that can be used',
      { jwks: 'weak.json' },
      ['RS256'],
      ['warning key/weak jwks', 'error key/mismatch jwks'],
    ],
  ])('are refused at load: %s', async (_, written, algorithms, expected) => {
    const { keys, told } = await loaded(written, algorithms)
    expect(keys).toBeUndefined()
    expect(told).toEqual(expected)
  })

  it('T097 names the source and the algorithm that do not go together', async () => {
    const { faults } = await loaded({ publicKey: { file: 'rsa.pub.pem' } }, ['HS256'])
    expect(faults[0]!.message).toMatch(/publicKey.*HS256/)
  })

  it('are weak only where that was asked for', async () => {
    const weak = { secret: { file: 'short.txt' }, allowWeakKey: true }
    const { keys, told } = await loaded(weak, ['HS256'])
    expect(keys).toBeDefined()
    expect(told).toEqual(['warning key/weak secret.file'])
  })

  it.each([
    ['keyType', { jwks: 'set.json', keyType: 'RsaPem' }],
    ['allowWeakKey', { jwksUrl: 'https://idp.example.com/jwks', allowWeakKey: true }],
    ['allowInsecure', { publicKey: rsa.spki, allowInsecure: true }],
  ])('are not decided by %s where it means nothing', async (member, written) => {
    const { told } = await loaded(written, ['RS256'])
    expect(told).toContain(`error key/ambiguous ${member}`)
  })
})

describe('the URL of a JWK set', () => {
  it('is asked as it is written, with the times of the documentation', async () => {
    const { options, told } = await asked({ jwksUrl: 'https://idp.example.com/jwks?v=1' })
    expect(told).toEqual([])
    expect(options).toEqual({
      url: 'https://idp.example.com/jwks?v=1',
      allowPrivateAddresses: false,
      refresh: 600_000,
      maxStale: 86_400_000,
      cooldown: 30_000,
    })
  })

  it('is asked as its long form says', async () => {
    const times = { refresh: '5m', maxStale: '0s', cooldown: '10s' }
    const url = 'https://10.0.0.1/jwks'
    const { options } = await asked({ jwksUrl: { url, allowPrivateAddresses: true, ...times } })
    expect(options).toEqual({
      url,
      allowPrivateAddresses: true,
      refresh: 300_000,
      maxStale: 0,
      cooldown: 10_000,
    })
  })

  it.skipIf(!canMakeCertificates)('brings its authorities (needs openssl)', async () => {
    const { cert } = await makeCertificate()
    await folder.write('ca.pem', cert)
    const jwksUrl = { url: 'https://idp.example.com/jwks', ca: 'ca.pem' }
    const { options } = await asked({ jwksUrl })
    expect(options!.ca!.trim()).toBe(cert.trim())
    const { keys, told } = await asked({ jwksUrl: { ...jwksUrl, ca: 'rsa.pub.pem' } })
    expect(keys).toBeUndefined()
    expect(told).toEqual(['error key/certificate jwksUrl.ca.file'])
  })

  it.each([
    ['http://127.0.0.1:8080/jwks'],
    ['http://localhost/jwks'],
    ['http://[::1]/jwks'],
    ['https://127.0.0.1/jwks'],
    ['https://203.0.113.1/jwks'],
  ])('may be %s', async (jwksUrl) => {
    expect((await asked({ jwksUrl })).told).toEqual([])
  })

  it.each([
    ['http://idp.example.com/jwks', true],
    ['http://10.0.0.1/jwks', false],
    ['http://169.254.169.254/jwks', false],
  ])('may be %s with allowInsecure: %s', async (url, isAllowed) => {
    for (const written of [
      { jwksUrl: url, allowInsecure: true },
      { jwksUrl: { url, allowInsecure: true } },
    ]) {
      const { keys } = await asked(written)
      expect(keys !== undefined).toBe(isAllowed)
    }
    const { keys } = await asked({ jwksUrl: { url, allowInsecure: false }, allowInsecure: true })
    expect(keys).toBeUndefined()
  })

  it.each([
    'idp.example.com/jwks',
    'file:///etc/keys',
    'unix:/run/keys',
    'ftp://idp.example.com/jwks',
    'data:application/json,{}',
    'http://idp.example.com/jwks',
    'http://localhost.example.com/jwks',
    'http://127.0.0.1.example.com/jwks',
    'https://u:p@idp.example.com/jwks',
    'https://u@idp.example.com/jwks',
    'https://idp.example.com/jwks#keys',
    'https://169.254.169.254/jwks',
    'https://169.254.169.254./jwks',
    'https://0xa9fea9fe/jwks',
    'https://[::ffff:169.254.169.254]/jwks',
    'https://[fe80::1]/jwks',
    'https://metadata.google.internal/jwks',
    'https://10.0.0.1/jwks',
    'https://192.168.1.1/jwks',
    'https://[fd00::1]/jwks',
    'https://0.0.0.0/jwks',
  ])('T031 may not be %s', async (jwksUrl) => {
    const { keys, told } = await asked({ jwksUrl })
    expect(keys).toBeUndefined()
    expect(told).toEqual(['error key/url jwksUrl'])
  })

  it('T031 may never be link-local, whatever is allowed', async () => {
    const url = 'https://169.254.169.254/jwks'
    const jwksUrl = { url, allowInsecure: true, allowPrivateAddresses: true }
    expect((await asked({ jwksUrl })).told).toEqual(['error key/url jwksUrl.url'])
  })
})
