import type { Finding } from './check-files.ts'
import type { ImportedItem } from './imported.ts'

/** A finding as a row: a variable that is not set here may be where the files run. */
export function findingItem(
  { file, line, rule, severity, message, hint }: Finding,
  place: Partial<Pick<ImportedItem, 'file' | 'line' | 'item'>> = {},
): ImportedItem {
  const isUnset = UNSET.has(rule) && message.includes('environment variable')
  const state = severity === 'error' && !isUnset ? 'person' : 'notice'
  const note = hint === undefined ? message : `${message}; ${hint}`
  return { file, line, item: rule, state, note, ...place }
}

const UNSET: ReadonlySet<string> = new Set(['env/unset', 'key/missing'])
