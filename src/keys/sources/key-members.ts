import type { Scope } from '../../kind.ts'
import { SECRET_REFERENCE } from '../../secret.ts'
import type { KeyMaterial } from '../key-material.ts'
import { fieldSchema, readField } from './json-field.ts'
import { type PassphraseConfig, passphraseSchema, readPassphrase } from './passphrase.ts'

/** What may stand beside `env` and `file`. */
export const keyMembers = {
  field: fieldSchema.optional(),
  passphrase: passphraseSchema.optional(),
}

/** What may be quoted of them. */
export const memberReferences = { field: SECRET_REFERENCE.words, passphrase: null }

/** The members of a key source that stand beside `env` or `file`. */
export interface KeyMembers {
  readonly field?: string | undefined
  readonly passphrase?: PassphraseConfig | undefined
}

/**
 * The material with what the members beside it say: the key is a field of the text, and a passphrase opens it.
 * Undefined after an error was reported. `scope` is that of the key source.
 */
export async function withMembers(
  material: KeyMaterial,
  { field, passphrase: written }: KeyMembers,
  scope: Scope,
): Promise<KeyMaterial | undefined> {
  const passphrase =
    written === undefined ? undefined : await readPassphrase(written, scope.at('passphrase'))
  if (written !== undefined && passphrase === undefined) return undefined
  const opened = passphrase === undefined ? material : { ...material, passphrase }
  if (field === undefined) return opened
  const document = material.binary ? '' : material.text.reveal()
  const found = readField(document, field, (fault, member) =>
    scope.report(member === undefined ? material.path : [member], fault),
  )
  return found && { ...opened, ...found, binary: false }
}
