import { z } from 'zod'
import type { Scope } from '../../kind.ts'
import type { Secret } from '../../secret.ts'
import { fieldSchema, readField } from './json-field.ts'
import { readWrittenSecret, secretPlaces } from './written-secret.ts'

const [env, file] = secretPlaces
const beside = { field: fieldSchema.optional() }

/** `passphrase` beside `env` or `file`: where the text is that opens the key. */
export const passphraseSchema = z
  .union([z.string().min(1), env.extend(beside), file.extend(beside)])
  .describe('Opens an encrypted key or a PKCS#12 file: { env }, { file }, or the text itself.')

/** A `passphrase` as it is written. */
export type PassphraseConfig = z.infer<typeof passphraseSchema>

/** The passphrase itself; undefined after an error was reported. `scope` is that of `passphrase`. */
export async function readPassphrase(
  written: PassphraseConfig,
  scope: Scope,
): Promise<Secret | undefined> {
  const text = await readWrittenSecret(written, scope, 'passphrase')
  if (text === undefined || typeof written === 'string' || written.field === undefined) return text
  const place = 'env' in written ? 'env' : 'file'
  const found = readField(text.reveal(), written.field, (fault, member) =>
    scope.report([member ?? place], fault),
  )
  return found?.text
}
