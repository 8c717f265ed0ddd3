import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  type webcrypto,
} from 'node:crypto'

/** A key pair made for this run of the tests, in every form a file may hold it. */
export interface TestKeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** PEM, `BEGIN PRIVATE KEY`. */
  readonly pkcs8: string
  /** PEM, `BEGIN PUBLIC KEY`. */
  readonly spki: string
  readonly privateJwk: webcrypto.JsonWebKey
  readonly publicJwk: webcrypto.JsonWebKey
}

/** An RSA pair, which also has the older form. */
export interface RsaTestKeyPair extends TestKeyPair {
  /** PEM, `BEGIN RSA PRIVATE KEY`. */
  readonly pkcs1: string
}

/** An EC pair, which also has the older form. */
export interface EcTestKeyPair extends TestKeyPair {
  /** PEM, `BEGIN EC PRIVATE KEY`. */
  readonly sec1: string
}

/** The curves of ES256, ES384 and ES512, and the one of ES256K that nothing here signs with. */
export type Curve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1'

const made = new Map<string, TestKeyPair>()

/** An RSA pair; the same one for the same size and `label` within the process. `bits` defaults to 2048. */
export function rsaKeys(bits = 2048, label = ''): RsaTestKeyPair {
  return once(`rsa ${bits} ${label}`, () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: bits })
    return { ...forms(pair), pkcs1: pem(pair.privateKey, 'pkcs1') }
  })
}

/** An EC pair; the same one for the same curve and `label` within the process. `curve` defaults to P-256. */
export function ecKeys(curve: Curve = 'P-256', label = ''): EcTestKeyPair {
  return once(`ec ${curve} ${label}`, () => {
    const pair = generateKeyPairSync('ec', { namedCurve: curve })
    return { ...forms(pair), sec1: pem(pair.privateKey, 'sec1') }
  })
}

/** An Ed25519 pair; the same one for the same `label` within the process. */
export function ed25519Keys(label = ''): TestKeyPair {
  return once(`ed25519 ${label}`, () => forms(generateKeyPairSync('ed25519')))
}

/** A fresh HMAC secret as text: base64url of `bytes` random bytes, so at least that many characters. */
export function hmacSecret(bytes = 64): string {
  return randomBytes(bytes).toString('base64url')
}

/** The PKCS#8 PEM of a pair, encrypted under `passphrase`. */
export function encryptedPem(pair: TestKeyPair, passphrase: string): string {
  return pair.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString()
}

function once<Pair extends TestKeyPair>(name: string, make: () => Pair): Pair {
  const pair = (made.get(name) as Pair | undefined) ?? make()
  made.set(name, pair)
  return pair
}

function forms(pair: { privateKey: KeyObject; publicKey: KeyObject }): TestKeyPair {
  const pkcs8 = pem(pair.privateKey, 'pkcs8')
  return {
    ...pair,
    privateKey: createPrivateKey(pkcs8),
    pkcs8,
    spki: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateJwk: pair.privateKey.export({ format: 'jwk' }),
    publicJwk: pair.publicKey.export({ format: 'jwk' }),
  }
}

function pem(key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1'): string {
  return key.export({ type, format: 'pem' }).toString()
}
