import type { KeyObject } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { CountersignError } from '../../errors.ts'
import type { JsonObject } from '../../types.ts'
import type { ContentEncryptionName, KeyManagementName } from './encryption-algorithms.ts'

/** Encrypts texts for one recipient. */
export interface Encrypter {
  /** JWE `alg`. */
  readonly alg: KeyManagementName
  /** JWE `enc`. */
  readonly enc: ContentEncryptionName
  /** Key id in the header; absent when tokens carry none. */
  readonly kid?: string
  /**
   * The text as JWE Compact Serialization (RFC 7516 section 7.1), under a new IV and, except with `dir`, a new
   * content key each time. `header` adds parameters (`typ`, `cty`, …), none of `ENCRYPTION_PARAMETERS`. Rejects
   * with `claim/duplicate` for one of those, else with `key/unavailable`.
   */
  encrypt(plaintext: string, header: JsonObject): Promise<string>
}

// RFC 7516 section 4.1, RFC 7518 section 4
const OWN_PARAMETERS = 'alg enc zip crit kid epk apu apv iv tag p2s p2c'

/** Header parameters that only the encryption itself sets. */
export const ENCRYPTION_PARAMETERS: ReadonlySet<string> = new Set(OWN_PARAMETERS.split(' '))

/** An encrypter with a public or secret key in memory that fits `alg`; `origin` names the key in errors. */
export function createEncrypter(
  alg: KeyManagementName,
  enc: ContentEncryptionName,
  key: KeyObject,
  origin: string,
  kid?: string,
): Encrypter {
  const own = { alg, enc, ...(kid !== undefined && { kid }) }
  return {
    ...own,
    async encrypt(plaintext, header) {
      const taken = Object.keys(header).find((name) => ENCRYPTION_PARAMETERS.has(name))
      if (taken !== undefined) {
        throw new CountersignError(
          'claim/duplicate',
          `expected no header parameter "${taken}": the encryption sets it`,
        )
      }
      try {
        // jose keeps what it converts of a public KeyObject; of a secret it only copies the bytes.
        return await new CompactEncrypt(Buffer.from(plaintext))
          .setProtectedHeader({ ...own, ...header })
          .encrypt(key)
      } catch (cause) {
        throw new CountersignError(
          'key/unavailable',
          `expected the key from ${origin} to encrypt with ${alg} and ${enc}`,
          {},
          { cause },
        )
      }
    },
  }
}
