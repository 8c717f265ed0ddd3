import type { KeyObject, X509Certificate } from 'node:crypto'
import type { Path } from '../kind.ts'
import type { Secret } from '../secret.ts'
import type { JsonObject } from '../types.ts'
import type { AlgorithmName } from './algorithms.ts'

/** What a key source read: text in one of the accepted formats, not yet looked at. */
export interface KeyMaterial {
  /** The content as text; of a file that is not UTF-8, its base64 text. */
  readonly text: Secret
  /** True when `text` is the base64 text of a binary file. */
  readonly binary?: boolean
  /** Opens an encrypted key or a PKCS#12 file. */
  readonly passphrase?: Secret
  /** Present when `text` is a JWK set, of which `kid` selects a key; without it the one that fits is taken. */
  readonly jwks?: { readonly kid?: string | undefined }
  /** The other members of the JSON document that the key was a field of; none of them a secret by its name. */
  readonly account?: JsonObject
  /** Where it came from, for messages: `env ORDERS_KEY`, `a file`. */
  readonly origin: string
  /** Where it stands below `privateKey`, for faults: `['env']`. */
  readonly path: Path
}

/** A key whose private half never enters the process. */
export interface RemoteKey {
  readonly publicKey: KeyObject
  /** Signature in JWS form (ECDSA as r‖s). Rejects with `key/unavailable`. */
  sign(alg: AlgorithmName, bytes: Uint8Array): Promise<Uint8Array>
  readonly origin: string
  readonly path: Path
}

/** What a key source gives: material to import, or a key that signs elsewhere. */
export type FoundKey = KeyMaterial | RemoteKey

/** A private or secret key in memory, and the certificates that stood beside it, leaf first. */
export interface ImportedKey {
  readonly key: KeyObject
  readonly certificates: readonly X509Certificate[]
  /** True for the public half of a private key, where that one was found. */
  readonly ofPrivate?: boolean
}
