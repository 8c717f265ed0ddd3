import { z } from 'zod'
import type { Scope } from '../../kind.ts'
import { Secret } from '../../secret.ts'
import { filePathSchema, readSecretText } from './secret-file.ts'
import { readVariable, variableSchema } from './variable.ts'
import { warnInline } from './warn-inline.ts'

/** Where a secret that is no key is kept: a variable or a file. */
export const secretPlaces = [
  z.strictObject({
    env: variableSchema.describe('Name of the environment variable that holds it.'),
  }),
  z.strictObject({
    file: filePathSchema.describe(
      'Path of the file whose one line it is, relative to the folder of this file.',
    ),
  }),
] as const

type SecretPlace = z.infer<(typeof secretPlaces)[number]>

/**
 * Reads a secret that a `noun` such as `password` is; text itself is warned about. Undefined after an error was
 * reported. `scope` is that of the text or of the map with `env` or `file`.
 */
export async function readWrittenSecret(
  written: string | SecretPlace,
  scope: Scope,
  noun: string,
): Promise<Secret | undefined> {
  if (typeof written === 'string') {
    warnInline(scope, `a ${noun}`)
    return new Secret(written)
  }
  if ('env' in written) return readVariable(written.env, scope.at('env'), noun)?.text
  return await readSecretText(written.file, scope.at('file'), noun)
}
