import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import {
  type ContentEncryptionName,
  type KeyManagementName,
  keyManagement,
  secretLength,
} from '../../src/keys/encryption/encryption-algorithms.ts'
import { ecKeys, rsaKeys } from './keys.ts'

/** The two halves of an encryption key; of a secret both are the same. */
export interface EncryptionKeys {
  readonly encrypt: KeyObject
  readonly decrypt: KeyObject
}

/** A key that fits the algorithms: a new secret, an RSA pair of 2048 bits, a pair on P-256. */
export function encryptionKeys(
  alg: KeyManagementName,
  enc: ContentEncryptionName = 'A256GCM',
): EncryptionKeys {
  const { key } = keyManagement(alg)
  if (key === 'secret') {
    const secret = createSecretKey(randomBytes(secretLength(alg, enc)))
    return { encrypt: secret, decrypt: secret }
  }
  const pair = key === 'RSA' ? rsaKeys() : ecKeys()
  return { encrypt: pair.publicKey, decrypt: pair.privateKey }
}

/** A new pair on X25519 (RFC 8037), which keys.ts has not, because nothing signs with it. */
export function x25519Keys(): EncryptionKeys {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  return { encrypt: publicKey, decrypt: privateKey }
}
