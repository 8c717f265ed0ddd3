import type { KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import type { WantedJwk } from '../formats/jwk-set.ts'
import { readKeyForm } from '../formats/key-form.ts'
import type { KeyMaterial } from '../key-material.ts'
import { kidNameSchema } from '../kid.ts'
import type { Report } from '../report.ts'

/** `kid` of an `encrypt` block. */
export const encryptionKidSchema = kidNameSchema.describe(
  "Key id: thumbprint (RFC 7638), omit, or a name. Default: the JWK's own.",
)

/** Reports a `kid` that a key for encryption cannot have; its place is `kid`. */
export function checkEncryptionKid(
  kid: string | undefined,
  isSecret: boolean,
  report: Report,
): void {
  const isRefused = kid === 'x5t' || (kid === 'thumbprint' && isSecret)
  if (!isRefused) return
  const why = kid === 'x5t' ? 'it names keys that sign' : 'that of a secret would help to guess it'
  const hint = isSecret ? 'write omit, or a name' : 'write thumbprint, omit, or a name'
  report({ severity: 'error', rule: 'key/kid', message: `expected no ${kid}: ${why}`, hint })
}

/**
 * The key id as written; by default the JWK's own, which is what the recipient calls it, else the thumbprint of a
 * public key, else none. The result is empty for none, undefined after an error was reported.
 */
export async function findEncryptionKid(
  written: string | undefined,
  key: KeyObject,
  material: KeyMaterial,
  wanted: WantedJwk,
  report: Report,
): Promise<{ readonly kid?: string } | undefined> {
  if (written === 'omit') return {}
  if (written !== undefined && written !== 'thumbprint') return { kid: written }
  // What is wrong with the material was told when it was imported.
  const found = written === undefined && readKeyForm(material, wanted, () => undefined)
  const own = found && found.form === 'JWK' ? found.jwk.kid : undefined
  if (own === undefined) {
    return key.type === 'secret' ? {} : { kid: await calculateJwkThumbprint(key) }
  }
  const { data: kid } = encryptionKidSchema.safeParse(own)
  if (kid !== undefined) return { kid }
  report({
    severity: 'error',
    rule: 'key/kid',
    message: 'expected "kid" of the JWK to be 1 to 256 printable ASCII characters',
    hint: 'write kid beside it: a name, or omit',
  })
  return undefined
}
