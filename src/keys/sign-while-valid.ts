import { CountersignError } from '../errors.ts'
import type { Scope } from '../kind.ts'
import type { Signer } from '../types.ts'
import type { KeyCertificate } from './certificate.ts'

/** The signer as long as the certificate is valid; before and afterwards it throws `key/unavailable`. */
export function signWhileValid(
  { alg, kid, sign }: Signer,
  { validFrom, validTo }: KeyCertificate,
  { environment }: Pick<Scope, 'environment'>,
): Signer {
  return {
    alg,
    ...(kid !== undefined && { kid }),
    sign(bytes) {
      const now = environment.now()
      if (now >= validFrom && now <= validTo) return sign(bytes)
      throw new CountersignError(
        'key/unavailable',
        'expected the certificate of the key to be valid',
      )
    },
  }
}
