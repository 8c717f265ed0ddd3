import type { SourceDocument } from '../../config/index.ts'
import { isMap } from '../../is-map.ts'
import type { Path } from '../../kind.ts'
import { valueAt } from '../../value-at.ts'
import type { ImportedItem } from '../imported.ts'

/** One setting that is written: its value, and the text when it is an expression of theirs. */
export interface Setting {
  readonly value: unknown
  /** Set when the field holds an expression: `{ expression: … }`. */
  readonly expression?: string
}

/** The settings of one rule or account, found by name; what became of each is told once. */
export interface Settings {
  /** The setting of this name; undefined when it is blank. Names are compared by letters and digits, without case. */
  find(name: string): Setting | undefined
  /** The settings below one that is an object. */
  below(name: string): Settings | undefined
  /** Told of a setting that is written, not of a default. */
  translated(name: string): void
  /** Translated, with something to know. */
  notice(name: string, note: string): void
  /** Not translated: a person has to decide. */
  person(name: string, note: string): void
  /** Reports every setting that nobody has asked for. */
  close(): void
}

/** What a document tells of itself; items are added to `items`. */
export function readSettings(
  document: SourceDocument,
  items: ImportedItem[],
  path: Path = [],
  owner = '',
): Settings {
  const written = new Map<string, { readonly key: string; readonly value: unknown }>()
  for (const [key, value] of Object.entries(mapAt(document.value, path))) {
    written.set(folded(key), { key, value })
  }
  const asked = new Set<string>()
  const tell = (name: string, state: ImportedItem['state'], note?: string) => {
    const key = written.get(folded(name))?.key
    const { line } = document.locate(key === undefined ? path : [...path, key])
    const item = owner + name
    items.push({ file: document.file, line, item, state, ...(note !== undefined && { note }) })
  }
  const find = (name: string): Setting | undefined => {
    asked.add(folded(name))
    const value = written.get(folded(name))?.value
    if (value === undefined || value === null || value === '') return undefined
    return isMap(value) && typeof value.expression === 'string'
      ? { value, expression: value.expression }
      : { value }
  }
  return {
    find,
    below(name) {
      const found = written.get(folded(name))
      if (find(name) === undefined || !isMap(found?.value)) return undefined
      return readSettings(document, items, [...path, found.key], `${name}: `)
    },
    translated(name) {
      if (written.has(folded(name))) tell(name, 'translated')
    },
    notice: (name, note) => tell(name, 'notice', note),
    person: (name, note) => tell(name, 'person', note),
    close() {
      for (const [name, { key }] of written) {
        if (!asked.has(name)) tell(key, 'person', 'no setting of an outbound JWT rule is called so')
      }
    },
  }
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function mapAt(root: unknown, path: Path): Readonly<Record<string, unknown>> {
  const value = valueAt(root, path)
  return isMap(value) ? value : {}
}
