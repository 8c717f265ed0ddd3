import { z } from 'zod'
import { SECRET_REFERENCE } from '../../secret.ts'
import type { KeyMaterial } from '../key-material.ts'
import { type KeyMembers, keyMembers, memberReferences, withMembers } from './key-members.ts'
import type { KeySourceKind } from './key-source-kind.ts'
import { filePathSchema, readSecretFile } from './secret-file.ts'

/**
 * `privateKey: { file: PATH }`: the content of a regular file of at most 64 KiB, relative to the policy file, or a
 * field of it. One line end at the end of a text is taken off, so that an HMAC secret may be a line.
 */
export const file: KeySourceKind<{ file: string } & KeyMembers, KeyMaterial> = {
  key: 'file',
  references: { file: SECRET_REFERENCE.file, ...memberReferences },
  schema: z.strictObject({
    file: filePathSchema.describe('Path of the key file, relative to the folder of this file.'),
    ...keyMembers,
  }),
  async create({ file: path, ...members }, scope) {
    const found = await readSecretFile(path, scope.at('file'), 'key')
    return found && withMembers({ ...found, origin: 'a file', path: ['file'] }, members, scope)
  },
}
