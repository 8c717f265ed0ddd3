import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { type Report, refusing } from '../report.ts'

const SEED_BYTES = 32
/** What PKCS#8 puts before the seed (RFC 8410 section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * The Ed25519 key of a bare 32-byte seed (RFC 8032 section 5.1.5), or of 64 bytes that are the seed and the public
 * key it gives. Undefined after an error was reported.
 */
export function importRawEd25519(bytes: Buffer, report: Report): KeyObject | undefined {
  const refuse = refusing(report)
  if (bytes.length !== SEED_BYTES && bytes.length !== 2 * SEED_BYTES) {
    return refuse(
      'key/parse',
      `expected DER, a seed of 32 bytes, or seed and public key of 64 bytes, found ${bytes.length} bytes in base64`,
      'the text is cut off or altered, or not base64 of a key: copy the key again, whole',
    )
  }
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, bytes.subarray(0, SEED_BYTES)]),
    format: 'der',
    type: 'pkcs8',
  })
  const written = bytes.subarray(SEED_BYTES)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  if (written.length > 0 && !written.equals(publicKey.subarray(-SEED_BYTES))) {
    return refuse(
      'key/mismatch',
      'expected the public key that the seed gives in the last 32 of 64 bytes',
      'write the seed and its own public key, or the seed alone',
    )
  }
  return key
}
