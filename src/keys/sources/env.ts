import { z } from 'zod'
import { SECRET_REFERENCE } from '../../secret.ts'
import type { KeyMaterial } from '../key-material.ts'
import { type KeyMembers, keyMembers, memberReferences, withMembers } from './key-members.ts'
import type { KeySourceKind } from './key-source-kind.ts'
import { readVariable, variableSchema } from './variable.ts'

/** `privateKey: { env: NAME }`: the value of an environment variable, exactly as it is, or a field of it. */
export const env: KeySourceKind<{ env: string } & KeyMembers, KeyMaterial> = {
  key: 'env',
  references: { env: SECRET_REFERENCE.env, ...memberReferences },
  schema: z.strictObject({
    env: variableSchema.describe('Name of the environment variable that holds the key.'),
    ...keyMembers,
  }),
  create({ env: name, ...members }, scope) {
    const found = readVariable(name, scope.at('env'), 'key')
    return found && withMembers({ ...found, path: ['env'] }, members, scope)
  },
}
