import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  type webcrypto,
} from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { FlattenedJWE, GeneralJWE } from 'jose'
import type { AlgorithmName } from '../../src/keys/index.ts'
import type { KeyMaterial } from '../../src/keys/key-material.ts'
import { Secret } from '../../src/secret.ts'
import type { JsonObject } from '../../src/types.ts'
import { corpus } from './corpus.ts'

const folder = corpus('jose-cookbook')

/** True when the examples of RFC 7520 are there. */
export const hasCookbook = folder !== undefined

/** A JWK of the examples: a secret, a private key or a public one. */
export type Jwk = webcrypto.JsonWebKey & { readonly kid?: string }

/** One signature of RFC 7520 section 4, of section 6, or of RFC 8037 appendix A. */
export interface Signature {
  readonly title: string
  readonly alg: AlgorithmName
  readonly key: Jwk
  /** True when the same input has the same signature each time. */
  readonly reproducible: boolean
  readonly protected?: JsonObject
  readonly protected_b64u?: string
  readonly 'sig-input': string
  readonly sig: string
}

/** One example of RFC 7520 section 5, of section 6, or of RFC 8037 appendix A. */
export interface Encryption {
  readonly title: string
  readonly input: {
    readonly plaintext: string
    readonly key: Jwk
    readonly alg: string
    readonly enc: string
  }
  readonly output: {
    readonly compact?: string
    readonly json: GeneralJWE
    readonly json_flat?: FlattenedJWE
  }
}

/** An example by its name in the corpus, undefined without the corpus. */
// biome-ignore lint/suspicious/noExplicitAny: the corpus is what its SOURCE.md says
export function readExample(name: string): any {
  if (folder !== undefined) return JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
}

/** The examples of a folder of the corpus, in the order of the RFC; none without the corpus. */
export function readExamples(name: string) {
  if (folder === undefined) return []
  return readdirSync(`${folder}/${name}`).map((file) => readExample(`${name}/${file}`))
}

/** Each signature of an example that may hold several. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function signaturesOf({ title = 'Nesting', input, signing }: any): Signature[] {
  return [signing].flat().map((one, index) => {
    const alg = [input.alg].flat()[index]
    const key = [input.key].flat()[index]
    return { ...one, title, alg, key, reproducible: /^(?:HS|RS|Ed)/.test(alg) }
  })
}

/** What decrypts for a key: the secret, or the private key. */
export function decryptionKey(key: Jwk): KeyObject {
  if (key.kty !== 'oct') return createPrivateKey({ key, format: 'jwk' })
  return createSecretKey(Buffer.from(String(key.k), 'base64url'))
}

/** What encrypts or verifies for a key: the secret, or the public key. */
export function publicKey(key: Jwk): KeyObject {
  return key.kty === 'oct' ? decryptionKey(key) : createPublicKey({ key, format: 'jwk' })
}

/** A key without its private members; a secret as it is. */
export function publicHalf(key: Jwk): Jwk {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...half } = key
  return half
}

/** A key as a key source gives it. */
export function keyMaterial(key: Jwk): KeyMaterial {
  return { text: new Secret(JSON.stringify(key)), origin: 'the corpus', path: [] }
}
