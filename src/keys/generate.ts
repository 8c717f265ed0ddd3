import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Secret } from '../secret.ts'
import { type AlgorithmName, type KeyType, algorithm as specOf } from './algorithms.ts'

/**
 * A new key in the text form that every key source accepts: PKCS#8 PEM (RSA: 2048 bits), for HMAC
 * base64url text of 64 random bytes. It exists in memory only.
 */
export function generateKey(name: AlgorithmName): Secret {
  const { keyType } = specOf(name)
  if (keyType === 'HMAC secret') return new Secret(randomBytes(64).toString('base64url'))
  const pem = GENERATORS[keyType]().export({ type: 'pkcs8', format: 'pem' })
  return new Secret(pem.toString())
}

const ec = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve }).privateKey

const GENERATORS = {
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'EC P-256': ec('P-256'),
  'EC P-384': ec('P-384'),
  'EC P-521': ec('P-521'),
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
} satisfies Record<Exclude<KeyType, 'HMAC secret'>, unknown>
