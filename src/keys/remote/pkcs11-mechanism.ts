import { createHash } from 'node:crypto'
import type { Mechanism } from 'pkcs11js'
import { type AlgorithmName, type SignatureAlgorithm, algorithm as specOf } from '../algorithms.ts'
import type { Cryptoki } from './pkcs11-library.ts'

/** How a token is asked for one JWS signature. */
export interface SigningCall {
  readonly mechanism: Mechanism
  readonly input: Buffer
}

/** Of PKCS#11 v3.0; the binding knows the names of v2.40. */
const CKM_EDDSA = 0x1057

/**
 * The mechanism for an algorithm (PKCS#11 v2.40 sections 2.1.9, 2.1.10, 2.3.6) and what it signs. ECDSA gets the
 * digest: few tokens hash for it, and its signature is r‖s already.
 */
export function signingCall(
  cryptoki: Cryptoki,
  alg: AlgorithmName,
  bytes: Uint8Array,
): SigningCall {
  const { family, hash, options } = specOf(alg) as SignatureAlgorithm
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (family === 'ECDSA' && hash !== null) {
    return {
      mechanism: { mechanism: cryptoki.CKM_ECDSA },
      input: createHash(hash).update(bytes).digest(),
    }
  }
  if (family === 'EdDSA') return { mechanism: { mechanism: CKM_EDDSA }, input }
  const name = hash?.toUpperCase() as 'SHA256' | 'SHA384' | 'SHA512'
  if (family === 'RSA') return { mechanism: { mechanism: cryptoki[`CKM_${name}_RSA_PKCS`] }, input }
  const parameter = {
    type: cryptoki.CK_PARAMS_RSA_PSS,
    hashAlg: cryptoki[`CKM_${name}`],
    mgf: cryptoki[`CKG_MGF1_${name}`],
    saltLen: options.saltLength!,
  }
  return { mechanism: { mechanism: cryptoki[`CKM_${name}_RSA_PKCS_PSS`], parameter }, input }
}
