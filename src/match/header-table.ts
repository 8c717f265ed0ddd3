import type { HeaderCriterion } from '../criteria.ts'
import type { Multimap } from '../types.ts'

/** Entries by the header field that they ask for. Plain data: there is one for every path. */
export interface HeaderTable<T> {
  /** Those that ask for no field. */
  readonly others: T[]
  /** By name; absent when none asks for a field. */
  fields?: Map<string, Field<T>>
}

interface Field<T> {
  readonly present: T[]
  readonly byValue: Map<string, T[]>
}

/** Creates a table without entries. */
export function createHeaderTable<T>(): HeaderTable<T> {
  return { others: [] }
}

/** Adds an entry that asks for these fields. */
export function addTo<T>(
  table: HeaderTable<T>,
  entry: T,
  headers: readonly HeaderCriterion[] = [],
): void {
  const criterion = headers.find(({ values }) => values) ?? headers[0]
  if (!criterion) {
    table.others.push(entry)
    return
  }
  table.fields ??= new Map()
  const { name, values } = criterion
  const field = table.fields.get(name) ?? { present: [], byValue: new Map<string, T[]>() }
  table.fields.set(name, field)
  if (!values) field.present.push(entry)
  for (const value of values ?? []) {
    const list = field.byValue.get(value)
    if (list) list.push(entry)
    else field.byValue.set(value, [entry])
  }
}

/** Those that ask for no field, and those for which one of theirs holds; some of them more than once. */
export function findIn<T>({ others, fields }: HeaderTable<T>, headers: Multimap): readonly T[] {
  if (!fields) return others
  const found = [others]
  for (const name of Object.keys(headers)) {
    const field = fields.get(name)
    if (!field) continue
    const value = headers[name]
    found.push(field.present)
    // several lines equal no value
    if (typeof value === 'string') found.push(field.byValue.get(value) ?? [])
  }
  return found.flat()
}
