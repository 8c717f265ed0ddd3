import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type AlgorithmName, loadKey, type OneKeyConfig } from '../../../src/keys/index.ts'
import { ecKeys, ed25519Keys, encryptedPem, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { leaks } from './leaks.ts'

const rsa = rsaKeys()
const ec = ecKeys()
const secret = hmacSecret()
const jwk = ec.privateJwk
const rsaJwk = rsa.privateJwk

const wrap = (label: string, body: string) =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`
const random = (bytes: number) => randomBytes(bytes).toString('base64')
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const without = (members: object, ...names: string[]) =>
  JSON.stringify(members, (name, value) => (names.includes(name) ? undefined : value))
const traditional = ec.privateKey
  .export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })
  .toString()

const rsaDer = rsa.privateKey.export({ type: 'pkcs8', format: 'der' })
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64')
const spkiDer = rsa.publicKey.export({ type: 'spki', format: 'der' })
const lockedDer = rsa.privateKey.export({
  type: 'pkcs8',
  format: 'der',
  cipher: 'aes-256-cbc',
  passphrase: 'p',
})

/** A PKCS#8 key whose DER carries the public point of another key. */
function swapPublicHalf(): string {
  const der = ec.privateKey.export({ type: 'pkcs8', format: 'der' })
  const point = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).subarray(-65)
  point(ecKeys('P-256', 'other').publicKey).copy(der, der.indexOf(point(ec.publicKey)))
  return wrap('PRIVATE KEY', der.toString('base64'))
}

const CASES: readonly (readonly [string, AlgorithmName, string, string])[] = [
  ['text that is no key', 'ES256', random(48), 'key/parse'],
  ['base64 that is cut off', 'RS256', base64(rsaDer).slice(0, -8), 'key/parse'],
  ['base64 without its beginning', 'RS256', base64(rsaDer).slice(8), 'key/parse'],
  ['base64url of DER', 'RS256', rsaDer.toString('base64url'), 'key/parse'],
  [
    'base64 of an encrypted key that is cut off',
    'RS256',
    base64(lockedDer).slice(0, -8),
    'key/parse',
  ],
  ['base64 of a public key', 'RS256', base64(spkiDer), 'key/public'],
  ['base64 of an encrypted key', 'RS256', base64(lockedDer), 'key/encrypted'],
  ['base64 of PEM that is cut off', 'RS256', base64(rsa.pkcs8.slice(0, 900)), 'key/parse'],
  ['base64 of a public key as PEM', 'ES256', base64(ec.spki), 'key/public'],
  ['base64 of a private key for another algorithm', 'ES256', base64(rsaDer), 'key/mismatch'],
  ['a seed for another algorithm', 'ES256', random(32), 'key/parse'],
  ['a seed that is cut off', 'EdDSA', random(31), 'key/parse'],
  ['seed and public key that do not belong together', 'EdDSA', random(64), 'key/mismatch'],
  ['hexadecimal text of a seed', 'EdDSA', randomBytes(32).toString('hex'), 'key/parse'],
  ['an X25519 key', 'EdDSA', pemOf(generateKeyPairSync('x25519').privateKey), 'key/mismatch'],
  [
    'a DSA key',
    'RS256',
    pemOf(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey),
    'key/mismatch',
  ],
  ['base64 of DER in place of a secret', 'HS256', base64(spkiDer), 'key/mismatch'],
  ['base64 of PEM in place of a secret', 'HS256', base64(rsa.spki), 'key/mismatch'],
  [
    'a secret that is base64 of a JWK',
    'HS256',
    base64(JSON.stringify({ kty: 'oct', k: secret })),
    'key/ambiguous',
  ],
  ['a secret of tutorials', 'HS256', 'a-string-secret-at-least-256-bits-long', 'key/weak'],
  ['PEM cut in the middle', 'RS256', rsa.pkcs8.slice(0, 900), 'key/parse'],
  ['PEM without its last dash', 'RS256', rsa.pkcs8.trimEnd().slice(0, -1), 'key/parse'],
  ['PEM cut within its first line', 'RS256', '-----BEGIN PRIV', 'key/parse'],
  [
    'PEM with a line missing',
    'RS256',
    rsa.pkcs8.split('\n').toSpliced(5, 1).join('\n'),
    'key/parse',
  ],
  ['PEM with an empty body', 'ES256', wrap('PRIVATE KEY', ''), 'key/parse'],
  ['PEM around random bytes', 'ES256', wrap('PRIVATE KEY', random(120)), 'key/parse'],
  [
    'PEM whose lines disagree',
    'ES256',
    ec.pkcs8.replace('END PRIVATE', 'END EC PRIVATE'),
    'key/parse',
  ],
  ['a cut key before a whole one', 'ES256', ec.pkcs8.slice(0, 60) + ec.pkcs8, 'key/parse'],
  [
    'a cut certificate before a whole key',
    'ES256',
    `${wrap('CERTIFICATE', random(90)).slice(0, 90)}\n${ec.pkcs8}${wrap('CERTIFICATE', random(90))}`,
    'key/parse',
  ],
  ['a certificate request', 'RS256', wrap('CERTIFICATE REQUEST', random(300)), 'key/parse'],
  ['T089 the OpenSSH format', 'EdDSA', wrap('OPENSSH PRIVATE KEY', random(250)), 'key/parse'],
  ['T087 a public key', 'RS256', rsa.spki, 'key/public'],
  [
    'T087 a PKCS#1 public key',
    'RS256',
    rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'key/public',
  ],
  ['T087 a certificate', 'RS256', wrap('CERTIFICATE', random(500)), 'key/public'],
  ['T087 a public JWK', 'ES256', JSON.stringify(ec.publicJwk), 'key/public'],
  ['T089 an encrypted PKCS#8 key', 'RS256', encryptedPem(rsa, 'p'), 'key/encrypted'],
  ['T089 an encrypted SEC1 key', 'ES256', traditional, 'key/encrypted'],
  ['T089 two private keys', 'ES256', ec.pkcs8 + ec.sec1, 'key/ambiguous'],
  ['an RSA key for ES256', 'ES256', rsa.pkcs8, 'key/mismatch'],
  ['an EC key for RS256', 'RS256', ec.pkcs8, 'key/mismatch'],
  ['another curve', 'ES256', ecKeys('P-384').pkcs8, 'key/mismatch'],
  ['a curve that is not signed with', 'ES256', ecKeys('secp256k1').pkcs8, 'key/mismatch'],
  ['an Ed25519 key for ES256', 'ES256', ed25519Keys().pkcs8, 'key/mismatch'],
  [
    'an Ed448 key for EdDSA',
    'EdDSA',
    pemOf(generateKeyPairSync('ed448').privateKey),
    'key/mismatch',
  ],
  [
    'a key that is bound to PSS',
    'PS256',
    pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey),
    'key/mismatch',
  ],
  [
    'a secret for RS256, as a JWK',
    'RS256',
    JSON.stringify({ kty: 'oct', k: secret }),
    'key/mismatch',
  ],
  ['PEM with another key in its public half', 'ES256', swapPublicHalf(), 'key/mismatch'],
  ['a public key in place of a secret', 'HS256', rsa.spki, 'key/mismatch'],
  ['a private key in place of a secret', 'HS256', ec.pkcs8, 'key/mismatch'],
  [
    'a PEM text with a literal \\n in place of a secret',
    'HS256',
    rsa.spki.replaceAll('\n', '\\n'),
    'key/mismatch',
  ],
  ['a public JWK in place of a secret', 'HS256', JSON.stringify(rsa.publicJwk), 'key/mismatch'],
  ['T083 a secret of one byte, too short', 'HS256', '~', 'key/weak'],
  ['T083 a secret of 32 bytes, too short', 'HS512', hmacSecret(24), 'key/weak'],
  ['T083 a secret that is too short', 'HS256', hmacSecret(24).slice(0, 31), 'key/weak'],
  [
    'T083 a secret that is too short for its hash',
    'HS512',
    hmacSecret(48).slice(0, 63),
    'key/weak',
  ],
  [
    'a secret as a JWK that is too short',
    'HS256',
    JSON.stringify({ kty: 'oct', k: hmacSecret(31) }),
    'key/weak',
  ],
  ['a secret of equal bytes', 'HS256', 'a'.repeat(64), 'key/weak'],
  ['an RSA key of 1024 bits', 'RS256', rsaKeys(1024).pkcs8, 'key/weak'],
  [
    'an RSA key with the exponent 3',
    'RS256',
    pemOf(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey),
    'key/weak',
  ],
  ['T086 a JWK for encryption', 'ES256', JSON.stringify({ ...jwk, use: 'enc' }), 'key/usage'],
  [
    'T086 a JWK for verifying',
    'ES256',
    JSON.stringify({ ...jwk, key_ops: ['verify'] }),
    'key/usage',
  ],
  [
    'T086 a JWK whose key_ops is no list',
    'ES256',
    JSON.stringify({ ...jwk, key_ops: 'sign' }),
    'key/usage',
  ],
  ['a JWK of another algorithm', 'PS256', JSON.stringify({ ...rsaJwk, alg: 'RS256' }), 'key/usage'],
  [
    'T086 a secret JWK for verifying',
    'HS256',
    JSON.stringify({ kty: 'oct', k: secret, key_ops: ['verify'] }),
    'key/usage',
  ],
  [
    'a JWK with another key in its public half',
    'ES256',
    JSON.stringify({ ...ecKeys('P-256', 'other').privateJwk, d: jwk.d }),
    'key/parse',
  ],
  [
    'an RSA JWK without its primes',
    'RS256',
    without(rsaJwk, 'p', 'q', 'dp', 'dq', 'qi'),
    'key/parse',
  ],
  ['a JWK of an unknown type', 'ES256', JSON.stringify({ ...jwk, kty: 'XX' }), 'key/parse'],
  ['a JWK that is cut off', 'ES256', JSON.stringify(jwk).slice(0, -20), 'key/parse'],
  [
    'a secret JWK that is cut off',
    'HS256',
    JSON.stringify({ kty: 'oct', k: secret }).slice(0, -20),
    'key/parse',
  ],
  ['a JWK set', 'ES256', JSON.stringify({ keys: [jwk] }), 'key/parse'],
  [
    'a JWK set in place of a secret',
    'HS256',
    JSON.stringify({ keys: [{ kty: 'oct', k: secret }] }),
    'key/parse',
  ],
  ['a secret JWK without its secret', 'HS256', JSON.stringify({ kty: 'oct' }), 'key/parse'],
  [
    'a secret JWK in plain base64',
    'HS256',
    JSON.stringify({ kty: 'oct', k: `${secret}+/==` }),
    'key/parse',
  ],
]

async function refusals(config: OneKeyConfig, variables: Record<string, string> = {}) {
  const { scope, faults } = recordingScope({ variables })
  const key = await loadKey(config, scope)
  return { key, errors: faults.filter(({ severity }) => severity === 'error') }
}

describe('T059 loadKey refuses', () => {
  it.each(CASES)('%s (%s)', async (_, signingMethod, text, rule) => {
    const { key, errors } = await refusals(
      { signingMethod, privateKey: { env: 'ORDERS_KEY' } },
      { ORDERS_KEY: text },
    )
    expect(key).toBeUndefined()
    expect(errors.map((fault) => [fault.rule, fault.path])).toEqual([[rule, ['privateKey', 'env']]])
    const [{ message, hint }] = errors as [(typeof errors)[0]]
    expect(message).toMatch(/^expected .*\(key from env ORDERS_KEY\)$/)
    expect(hint).toBeTruthy()
    expect(leaks(text, `${message}\n${hint}`)).toBe(false)
  })

  it.each(CASES)(
    '%s (%s) with allowWeakKey too, unless it is only short',
    async (name, signingMethod, text) => {
      const { key } = await refusals(
        { signingMethod, privateKey: { env: 'KEY' }, allowWeakKey: true },
        { KEY: text },
      )
      expect(key !== undefined).toBe(/too short|of 1024 bits/.test(name))
    },
  )

  it.each(CASES)(
    '%s (%s) in the policy file, at its place',
    async (_, signingMethod, privateKey, rule) => {
      const { errors } = await refusals({ signingMethod, privateKey })
      expect(errors.map((fault) => [fault.rule, fault.path])).toEqual([[rule, ['privateKey']]])
    },
  )

  it.each([
    ['an environment variable that is not set', { env: 'ABSENT' }, 'key/missing', ['env']],
    ['an environment variable that is empty', { env: 'EMPTY' }, 'key/missing', ['env']],
    ['an empty text', '', 'key/missing', []],
    ['JWK text that is not JSON', { jwk: 'kty: EC' }, 'key/parse', ['jwk']],
    ['a JWK set', { jwk: '{"keys":[]}' }, 'key/parse', ['jwk']],
    ['PEM under jwk', { jwk: ec.pkcs8 }, 'key/parse', ['jwk']],
  ] as const)('%s', async (_, privateKey, rule, path) => {
    const { key, errors } = await refusals({ signingMethod: 'ES256', privateKey }, { EMPTY: '' })
    expect(key).toBeUndefined()
    expect(errors).toMatchObject([{ rule, path: ['privateKey', ...path] }])
  })

  it('a key that is too small for the hash, even with allowWeakKey', async () => {
    const { key, errors } = await refusals(
      { signingMethod: 'PS512', privateKey: { env: 'KEY' }, allowWeakKey: true },
      { KEY: rsaKeys(1024).pkcs8 },
    )
    expect(key).toBeUndefined()
    expect(errors).toMatchObject([{ rule: 'key/mismatch', path: ['privateKey', 'env'] }])
  })

  it('every fault of a key in one run', async () => {
    const { errors } = await refusals(
      { signingMethod: 'ES256', privateKey: { env: 'KEY' } },
      { KEY: JSON.stringify({ ...jwk, use: 'enc', alg: 'ES384', key_ops: [] }) },
    )
    expect(errors.map(({ rule }) => rule)).toEqual(['key/usage', 'key/usage', 'key/usage'])
  })

  it('a mismatch with the algorithms that would fit', async () => {
    const { errors } = await refusals(
      { signingMethod: 'ES256', privateKey: { env: 'KEY' } },
      { KEY: rsa.pkcs8 },
    )
    expect(errors[0]?.hint).toBe('this key fits RS256, RS384, RS512, PS256, PS384, PS512')
  })
})
