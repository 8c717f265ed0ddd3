import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { type AlgorithmName, algorithm as specOf } from '../algorithms.ts'
import { RemoteFault } from './remote-fault.ts'
import type { TransitClient } from './transit-client.ts'

/** A key in the Transit secrets engine, at one of its versions. */
export interface TransitKey {
  readonly publicKey: KeyObject
  /** Signature in JWS form. Rejects with a `RemoteFault`. */
  sign(alg: AlgorithmName, bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
}

/** Which key. */
export interface TransitKeyName {
  readonly mount: string
  readonly key: string
  /** Undefined: the latest there is when the key is read; it stays at that one. */
  readonly version: number | undefined
}

// What we read of the answer to `GET /transit/keys/:name`. A symmetric key has numbers in place of its versions.
const readSchema = z.object({
  type: z.string(),
  derived: z.boolean().optional(),
  latest_version: z.int().min(1),
  keys: z.record(z.string(), z.unknown()),
})
const versionSchema = z.object({ public_key: z.string().min(1) })
const signedSchema = z.object({ signature: z.string() })

/** Reads the public half of a key. Rejects with a `RemoteFault`. */
export async function readTransitKey(
  client: TransitClient,
  { mount, key, version }: TransitKeyName,
  signal: AbortSignal,
): Promise<TransitKey> {
  const read = readSchema.safeParse(
    await client.ask({ method: 'GET', path: `${mount}/keys/${key}` }, signal),
  )
  if (!read.success) throw unexpected('address')
  const { type, derived, latest_version: latest, keys } = read.data
  if (!SIGNING_TYPE.test(type) || derived) {
    throw new RemoteFault('key-type', {
      message: 'expected a Transit key that signs and is not derived',
      hint: 'its type is to be one of rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384, ecdsa-p521, ed25519',
      member: ['key'],
    })
  }
  const pinned = version ?? latest
  const entry = versionSchema.safeParse(keys[pinned])
  if (!entry.success) {
    throw new RemoteFault('key-version', {
      message: 'expected a version of the Transit key that there is',
      hint: 'leave version out for the latest',
      member: version === undefined ? ['key'] : ['version'],
    })
  }
  const publicKey = importPublic(type, entry.data.public_key)
  return {
    publicKey,
    async sign(alg, bytes, abort) {
      const body = {
        ...parametersFor(alg),
        input: Buffer.from(bytes).toString('base64'),
        key_version: pinned,
      }
      const question = { method: 'POST', path: `${mount}/sign/${key}`, body } as const
      const signed = signedSchema.safeParse(await client.ask(question, abort))
      if (!signed.success) throw unexpected('address')
      return signatureOf(signed.data.signature, pinned)
    },
  }
}

const SIGNING_TYPE = /^(?:rsa-(?:2048|3072|4096)|ecdsa-p(?:256|384|521)|ed25519)$/

// PEM, but base64 of the 32 bytes for Ed25519.
function importPublic(type: string, text: string): KeyObject {
  try {
    if (type !== 'ed25519') return createPublicKey(text)
    const x = Buffer.from(text, 'base64').toString('base64url')
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  } catch (cause) {
    throw unexpected('key', cause)
  }
}

/** What the engine must be told; it hashes by itself, and knows Ed25519 in one form only. */
function parametersFor(alg: AlgorithmName): Readonly<Record<string, unknown>> {
  const { family, hash } = specOf(alg)
  const hashed = { hash_algorithm: hash?.replace('sha', 'sha2-'), prehashed: false }
  switch (family) {
    case 'RSA':
      return { ...hashed, signature_algorithm: 'pkcs1v15' }
    case 'RSA-PSS':
      return { ...hashed, signature_algorithm: 'pss', salt_length: 'hash' }
    case 'ECDSA':
      return { ...hashed, marshaling_algorithm: 'jws' }
    default:
      return {}
  }
}

/** The bytes of `vault:v<version>:<base64>`, base64url where ECDSA is marshalled for JWS. */
function signatureOf(text: string, version: number): Uint8Array {
  const [, found, encoded] = /^vault:v(\d+):([A-Za-z0-9+/_-]+=*)$/.exec(text) ?? []
  if (encoded === undefined || found !== String(version)) throw unexpected('version')
  return Buffer.from(encoded, 'base64')
}

function unexpected(member: string, cause?: unknown): RemoteFault {
  return new RemoteFault(
    'unexpected-answer',
    {
      message: 'expected an answer as the Transit secrets engine gives it',
      hint: 'check that the address is that of Vault or OpenBao, and the mount one of Transit',
      member: [member],
    },
    { cause },
  )
}
