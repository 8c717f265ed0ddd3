import { z } from 'zod'
import { SECRET_REFERENCE } from '../../secret.ts'
import type { KeyMaterial } from '../key-material.ts'
import type { KeySourceKind } from './key-source-kind.ts'
import { filePathSchema, readSecretText } from './secret-file.ts'

/** `privateKey: { jwks: PATH, kid: NAME }`: one key of a file that holds a JWK set (RFC 7517 section 5). */
export const jwks: KeySourceKind<{ jwks: string; kid?: string | undefined }, KeyMaterial> = {
  key: 'jwks',
  references: { jwks: SECRET_REFERENCE.file, kid: SECRET_REFERENCE.words },
  schema: z.strictObject({
    jwks: filePathSchema.describe(
      'Path of a file that holds a JWK set, relative to the folder of this file.',
    ),
    kid: z
      .string()
      .min(1)
      .optional()
      .describe('The key of the set that is meant. May be left out when only one fits.'),
  }),
  async create({ jwks: path, kid }, scope) {
    const text = await readSecretText(path, scope.at('jwks'), 'JWK set')
    return text && { text, jwks: { kid }, origin: 'a JWK set', path: ['jwks'] }
  },
}
