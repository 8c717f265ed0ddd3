import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { type AlgorithmName, algorithm as specOf } from '../algorithms.ts'
import { verifySignature } from '../verify-signature.ts'

/**
 * Whether the signature of a compact JWS (RFC 7515 section 7.1) is that of `key`, one that `find` gave for `alg`.
 * False for any trouble with a signature; never throws for what a caller sent. The header is not looked at: that the
 * token is well formed, names `alg`, and has no `crit` or `b64` is for the caller to know. By `node:crypto` and not
 * `jose`, which takes 8 times as long for HS256 and 1.6 times for ES256.
 */
export async function verifyJws(
  token: string,
  key: KeyObject,
  alg: AlgorithmName,
): Promise<boolean> {
  const dot = token.lastIndexOf('.')
  const bytes = Buffer.from(token.slice(0, dot))
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  const spec = specOf(alg)
  if (spec.family === 'HMAC') return isMac(spec.hash, key, bytes, signature)
  return key.type === 'public' && verifySignature(alg, key, bytes, signature)
}

function isMac(hash: string, key: KeyObject, bytes: Buffer, found: Buffer): boolean {
  if (key.type !== 'secret') return false
  const expected = createHmac(hash, key).update(bytes).digest()
  return expected.length === found.length && timingSafeEqual(expected, found)
}
