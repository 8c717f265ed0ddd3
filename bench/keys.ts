import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'

/** The algorithms (RFC 7518, RFC 8037) that contenders sign with. */
export type Algorithm = 'HS256' | 'ES256' | 'EdDSA' | 'RS256'

/** A key that all contenders of a run sign with. */
export interface BenchKey {
  readonly algorithm: Algorithm
  /** Holds the private key as PKCS#8 PEM; for HS256 the secret as text. */
  readonly file: string
  /** What the upstream would verify with. */
  readonly verifyWith: KeyObject
}

/** Makes a key for each algorithm and writes them to `folder`. RSA has 2048 bits. */
export function makeKeys(folder: string): Readonly<Record<Algorithm, BenchKey>> {
  const secret = randomBytes(32).toString('hex')
  const write = (algorithm: Algorithm, text: string, verifyWith: KeyObject): BenchKey => {
    const file = `${folder}/${algorithm}.key`
    writeFileSync(file, text, { mode: 0o600 })
    return { algorithm, file, verifyWith }
  }
  const writePair = (algorithm: Algorithm, pair: { privateKey: KeyObject; publicKey: KeyObject }) =>
    write(algorithm, pkcs8(pair.privateKey), pair.publicKey)
  return {
    HS256: write('HS256', secret, createSecretKey(secret, 'utf8')),
    ES256: writePair('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    EdDSA: writePair('EdDSA', generateKeyPairSync('ed25519')),
    RS256: writePair('RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })),
  }
}

/** A private key as PKCS#8 PEM. */
export function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
