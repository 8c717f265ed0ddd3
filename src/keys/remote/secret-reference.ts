import { resolve } from 'node:path'
import { z } from 'zod'
import type { Path, Scope } from '../../kind.ts'
import { Secret } from '../../secret.ts'
import { filePathSchema } from '../sources/secret-file.ts'
import { variableSchema } from '../sources/variable.ts'
import { RemoteFault } from './remote-fault.ts'

/** Bytes; tokens of a Vault that are JWTs or batch tokens stay far below. */
const MAXIMUM_SIZE = 16 * 1024

/** Where what opens a remote signer is kept: `{ env: NAME }` or `{ file: PATH }`, never the secret itself. */
export const secretReferenceSchema = z.union([
  z.strictObject({
    env: variableSchema.describe('Name of the environment variable that holds it.'),
  }),
  z.strictObject({
    file: filePathSchema.describe(
      'Path of the file that holds it, relative to the folder of this file.',
    ),
  }),
])

/** A secret reference as written. */
export type SecretReference = z.infer<typeof secretReferenceSchema>

/**
 * What stands there now: one line of printable ASCII, without its line end. Rejects with a `RemoteFault` about
 * `member`, which is the place of the reference.
 */
export async function readSecret(
  reference: SecretReference,
  { environment, folder }: Scope,
  member: Path,
): Promise<Secret> {
  const [name, hint] =
    'file' in reference ? (['file', FILE_HINT] as const) : (['env', ENV_HINT] as const)
  const refuse = (code: string, message: string, cause?: unknown) =>
    new RemoteFault(code, { message, hint, member: [...member, name] }, { cause })

  let text: string
  if ('file' in reference) {
    try {
      const bytes = await environment.readFile(resolve(folder, reference.file), MAXIMUM_SIZE)
      text = bytes.toString('latin1').replace(/\r?\n$/, '')
    } catch (error) {
      throw refuse('unreadable', 'expected a file of at most 16 KiB that can be read', error)
    }
  } else {
    text = environment.variable(reference.env) ?? ''
  }
  if (/^[\x20-\x7e]+$/.test(text)) return new Secret(text)
  throw text === ''
    ? refuse('missing', 'expected a secret, found none')
    : refuse('malformed', 'expected one line of printable ASCII characters')
}

const FILE_HINT =
  'write it to the file alone; a relative path is relative to the folder of the policy file'
const ENV_HINT = 'set the variable to it, or write { file: PATH }'
