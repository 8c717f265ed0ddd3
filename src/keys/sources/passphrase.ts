import { z } from 'zod'
import type { Scope } from '../../kind.ts'
import { Secret } from '../../secret.ts'
import { fieldSchema, readField } from './json-field.ts'
import { filePathSchema, readSecretText } from './secret-file.ts'
import { readVariable, variableSchema } from './variable.ts'
import { warnInline } from './warn-inline.ts'

/** `passphrase` beside `env` or `file`: where the text is that opens the key. */
export const passphraseSchema = z
  .union([
    z.string().min(1),
    z.strictObject({
      env: variableSchema.describe('Name of the environment variable that holds the passphrase.'),
      field: fieldSchema.optional(),
    }),
    z.strictObject({
      file: filePathSchema.describe('Path of the file whose one line is the passphrase.'),
      field: fieldSchema.optional(),
    }),
  ])
  .describe('Opens an encrypted key or a PKCS#12 file: { env }, { file }, or the text itself.')

/** A `passphrase` as it is written. */
export type PassphraseConfig = z.infer<typeof passphraseSchema>

/** The passphrase itself; undefined after an error was reported. `scope` is that of `passphrase`. */
export async function readPassphrase(
  written: PassphraseConfig,
  scope: Scope,
): Promise<Secret | undefined> {
  if (typeof written === 'string') {
    warnInline(scope, 'a passphrase')
    return new Secret(written)
  }
  const place = 'env' in written ? 'env' : 'file'
  const text =
    'env' in written
      ? readVariable(written.env, scope.at(place), 'passphrase')?.text
      : await readSecretText(written.file, scope.at(place), 'passphrase')
  if (text === undefined || written.field === undefined) return text
  const found = readField(text.reveal(), written.field, (fault, member) =>
    scope.report([member ?? place], fault),
  )
  return found?.text
}
