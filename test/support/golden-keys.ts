import {
  createPublicKey,
  createSecretKey,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { ALGORITHM_NAMES, type AlgorithmName } from '../../src/keys/algorithms.ts'
import { canMakeCertificates } from './certificate.ts'
import { opensslFiles } from './golden-openssl.ts'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys, type TestKeyPair } from './keys.ts'

/** What the golden policies sign and encrypt with, made for this run. */
export interface GoldenKeys {
  /** Content of the files of the folder `keys`, by name. */
  readonly files: Readonly<Record<string, string | Buffer>>
  /** The text files once more: `keys/es256.sec1.pem` is `GOLDEN_ES256_SEC1_PEM`; and `GOLDEN_<algorithm>`. */
  readonly variables: Readonly<Record<string, string>>
  /** The certificates of the files `<name>.crt`. */
  readonly certificates: Readonly<Record<string, X509Certificate>>
  /** The key that verifies what is signed with an algorithm. */
  verificationKey(name: AlgorithmName): KeyObject
  /** The key that decrypts what is encrypted for `recipient-rsa`, `recipient-ec` or `secret-<bytes>`. */
  decryptionKey(name: string): KeyObject
}

/** Makes them all; what needs the openssl command is left out where there is none. */
export function makeGoldenKeys(): GoldenKeys {
  const byAlgorithm = Object.fromEntries(ALGORITHM_NAMES.map((name) => [name, keyFor(name)]))
  const recipients: Readonly<Record<string, TestKeyPair>> = {
    'recipient-rsa': rsaKeys(2048, 'recipient'),
    'recipient-ec': ecKeys('P-256', 'recipient'),
  }
  const passphrase = hmacSecret(16)
  const made = canMakeCertificates ? opensslFiles(passphrase) : {}
  const files = {
    passphrase,
    ...pemFiles(),
    ...secretFiles(byAlgorithm.HS256 as string),
    ...jwkFiles(),
    ...recipientFiles(recipients),
    ...made,
  }
  const texts = Object.entries(files).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string'
  })
  return {
    files,
    variables: Object.fromEntries([
      ...Object.entries(byAlgorithm).map(([name, text]) => [variable(name), text]),
      ...texts.map(([name, text]) => [variable(name), text]),
    ]),
    certificates: Object.fromEntries(
      texts
        .filter(([name]) => name.endsWith('.crt'))
        .map(([name, text]) => [name.slice(0, -'.crt'.length), new X509Certificate(text)]),
    ),
    verificationKey(name) {
      const text = byAlgorithm[name] as string
      return name.startsWith('HS') ? createSecretKey(Buffer.from(text)) : createPublicKey(text)
    },
    decryptionKey(name) {
      const pair = recipients[name]
      return pair ? pair.privateKey : createSecretKey(Buffer.from(files[name as 'passphrase']))
    },
  }
}

function variable(name: string): string {
  return `GOLDEN_${name.toUpperCase().replace(/\W/g, '_')}`
}

function keyFor(name: AlgorithmName): string {
  // base64 of the first six has each of the letters that base64url has not
  if (name.startsWith('HS')) return `~~~???${hmacSecret()}`
  if (name === 'EdDSA') return ed25519Keys().pkcs8
  const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const
  return name in curves ? ecKeys(curves[name as keyof typeof curves]).pkcs8 : rsaKeys().pkcs8
}

function pemFiles() {
  const [rsa, ec, ed] = [rsaKeys(), ecKeys(), ed25519Keys()]
  const der = (pair: TestKeyPair, type: 'pkcs8' | 'pkcs1' | 'sec1') =>
    pair.privateKey.export({ type, format: 'der' })
  const seed = Buffer.from(ed.privateJwk.d as string, 'base64url')
  const open = Buffer.from(ed.publicJwk.x as string, 'base64url')
  return {
    'rs256.pkcs8.pem': rsa.pkcs8,
    'rs256.pkcs1.pem': rsa.pkcs1,
    'rs256.pkcs8.der': der(rsa, 'pkcs8'),
    'rs256.pkcs8.der.b64': base64(der(rsa, 'pkcs8')),
    'rs256.pkcs1.der.b64': base64(der(rsa, 'pkcs1')),
    'es256.pkcs8.pem': ec.pkcs8,
    'es256.sec1.pem': ec.sec1,
    'es256.pkcs8.pem.b64': base64(ec.pkcs8),
    'es256.pkcs8.der': der(ec, 'pkcs8'),
    'es256.pkcs8.der.b64': base64(der(ec, 'pkcs8')),
    'es256.sec1.der.b64': base64(der(ec, 'sec1')),
    'eddsa.pkcs8.pem': ed.pkcs8,
    'eddsa.pkcs8.der': der(ed, 'pkcs8'),
    'eddsa.pkcs8.der.b64': base64(der(ed, 'pkcs8')),
    'eddsa.seed.b64': base64(seed),
    'eddsa.seed-and-public.b64': base64(Buffer.concat([seed, open])),
    'es256-next.pub.pem': ecKeys('P-256', 'next').spki,
    'account.json': JSON.stringify({
      type: 'service_account',
      private_key_id: 'sa-1',
      private_key: rsa.pkcs8,
      client_email: 'robot@golden.example',
      token_uri: 'https://golden.example/token',
      nested: { key: ec.pkcs8, note: 'kept' },
    }),
  }
}

function secretFiles(secret: string) {
  const bytes = Buffer.from(secret)
  const lengths = [16, 24, 32, 64].map((length) => {
    return [`secret-${length}`, randomBytes(length).toString('base64url').slice(0, length)] as const
  })
  return {
    'hs256.base64': bytes.toString('base64'),
    'hs256.base64url': bytes.toString('base64url'),
    'hs256.hex': bytes.toString('hex'),
    'hs256.jwk': JSON.stringify({ kty: 'oct', k: bytes.toString('base64url') }),
    ...Object.fromEntries(lengths),
  }
}

function jwkFiles() {
  const [rsa, ec, ed] = [rsaKeys().privateJwk, ecKeys().privateJwk, ed25519Keys().privateJwk]
  const keys = [
    { ...rsa, kid: 'set-rsa' },
    { ...ecKeys('P-256', 'other').privateJwk, kid: 'set-other' },
    { ...ec, kid: 'set-ec' },
  ]
  return {
    'rs256.jwk': JSON.stringify(rsa),
    'es256.jwk': JSON.stringify(ec),
    'es256.jwk.b64': base64(JSON.stringify(ec)),
    'eddsa.jwk': JSON.stringify(ed),
    'set.jwks': JSON.stringify({ keys }),
  }
}

function recipientFiles(recipients: Readonly<Record<string, TestKeyPair>>) {
  return Object.fromEntries(
    Object.entries(recipients).flatMap(([name, { spki, publicJwk }]) => [
      [`${name}.pub.pem`, spki],
      [`${name}.pub.jwk`, JSON.stringify({ ...publicJwk, kid: name, use: 'enc' })],
    ]),
  )
}

function base64(content: string | Buffer): string {
  return Buffer.from(content).toString('base64')
}
