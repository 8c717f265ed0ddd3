import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { Secret } from '../secret.ts'
import { type AlgorithmName, type KeyKind, algorithm as specOf } from './algorithms.ts'
import { type KeyChoice, USUAL_CHOICE } from './key-choice.ts'
import { publicMembers } from './public-jwk.ts'

/**
 * A new key in the text form that every key source accepts: PKCS#8 PEM, for HMAC base64url text of random
 * bytes, which is the secret as it stands. It exists in memory only. `choice` fits the algorithm.
 */
export function generateKey(name: AlgorithmName, choice: KeyChoice = {}): Secret {
  const { keyKind } = specOf(name)
  const { bits = USUAL_CHOICE.bits, secretBytes = USUAL_CHOICE.secretBytes } = choice
  if (keyKind === 'HMAC secret') return new Secret(randomBytes(secretBytes).toString('base64url'))
  const pem = GENERATORS[keyKind](bits).export({ type: 'pkcs8', format: 'pem' })
  return new Secret(pem.toString())
}

const ec = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve }).privateKey

const GENERATORS = {
  RSA: (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey,
  'EC P-256': ec('P-256'),
  'EC P-384': ec('P-384'),
  'EC P-521': ec('P-521'),
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
} satisfies Record<Exclude<KeyKind, 'HMAC secret'>, unknown>

/** A new key as files hold it. */
export interface GeneratedKey {
  /** PKCS#8 PEM, private JWK, or the text of a secret. */
  readonly privateText: Secret
  /** SPKI PEM or public JWK; absent for HMAC. */
  readonly publicText?: string
  /** The one asked for, else the thumbprint (RFC 7638); absent for HMAC when none was asked for. */
  readonly kid?: string
}

/** How a new key is to be written, and by what name it goes. */
export interface KeyTextOptions {
  /** A JWK (RFC 7517) carries `kid`, `alg` and `use`. */
  readonly format: 'pem' | 'jwk'
  /** Default: the thumbprint, for HMAC none. */
  readonly kid?: string | undefined
}

/** A new key, and its public half beside it, in the form that files are to have. `choice` fits the algorithm. */
export async function generateKeyTexts(
  alg: AlgorithmName,
  choice: KeyChoice,
  options: KeyTextOptions,
): Promise<GeneratedKey> {
  const made = generateKey(alg, choice)
  if (specOf(alg).family === 'HMAC') {
    const named = options.kid !== undefined && { kid: options.kid }
    const jwk = { kty: 'oct', ...named, alg, use: 'sig', k: made.reveal() }
    return { privateText: options.format === 'jwk' ? new Secret(jwkText(jwk)) : made, ...named }
  }
  const privateKey = createPrivateKey(made.reveal())
  const publicKey = createPublicKey(privateKey)
  const kid = options.kid ?? (await calculateJwkThumbprint(publicKey))
  if (options.format === 'pem') {
    const spki = publicKey.export({ type: 'spki', format: 'pem' })
    return { privateText: made, publicText: spki.toString(), kid }
  }
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }
  return {
    privateText: new Secret(jwkText(jwk)),
    publicText: jwkText(publicMembers(jwk)),
    kid,
  }
}

function jwkText(jwk: object): string {
  return `${JSON.stringify(jwk, null, 2)}\n`
}
