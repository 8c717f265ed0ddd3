import { join, relative } from 'node:path'
import type { FlexPolicy } from '../../config/index.ts'
import type { Path } from '../../kind.ts'
import type { Json, JsonObject } from '../../types.ts'
import { valueAt } from '../../value-at.ts'
import type { ImportedFile, ImportedItem, ImportTarget } from '../imported.ts'
import { keyFile } from '../key-file.ts'
import { withValue } from '../with-value.ts'

/** Where a secret stood that now stands elsewhere. */
interface MovedSecret {
  readonly path: Path
  readonly state: ImportedItem['state']
  readonly note: string
}

const JOINED = 'joins a variable with text or a default: put the whole secret in one variable'

/** A policy whose secrets stand elsewhere. */
export interface WithoutSecrets {
  readonly value: JsonObject
  readonly files: readonly ImportedFile[]
  /** What became of each secret. */
  readonly moved: readonly MovedSecret[]
}

/** Moves what is written out as a secret to a file of its own; `folder` is that of the policy file. */
export function moveSecrets(
  policy: JsonObject,
  secrets: FlexPolicy['secrets'],
  folder: string,
  { keysTo }: ImportTarget,
): WithoutSecrets {
  let value: Json = policy
  const files: ImportedFile[] = []
  const moved: MovedSecret[] = []
  for (const { text, source: path } of secrets) {
    const written = valueAt(policy, text)
    const variable = valueAt(policy, [...path, 'env'])
    if (typeof variable === 'string')
      moved.push({ path, state: 'translated', note: from(variable) })
    if (typeof written !== 'string') continue
    const [reference, name] = /\$\{([A-Za-z_]\w*)[^}]*\}/.exec(written) ?? []
    if (name !== undefined) {
      value = withValue(value, path, { env: name })
      const state = reference === `\${${name}}` && reference === written ? 'translated' : 'person'
      const note = state === 'person' ? JOINED : from(name)
      moved.push({ path, state, note })
      continue
    }
    const file = keyFile(join(keysTo, String(policy.name)), written)
    const source = { file: relative(folder, file.path) }
    value = withValue(value, path, source)
    files.push(file)
    moved.push({ path, state: 'translated', note: `moved to ${source.file}` })
  }
  return { value: value as JsonObject, files, moved }
}

function from(variable: string): string {
  return `from the environment variable ${variable}`
}
