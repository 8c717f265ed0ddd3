import type { HeaderCriterion } from '../criteria.ts'
import type { Multimap } from '../types.ts'

/** Entries by the header field that they ask for. */
export interface HeaderTable<T> {
  add(entry: T, headers?: readonly HeaderCriterion[]): void
  /** Those that ask for no field, and those for which one of theirs holds; some of them more than once. */
  find(headers: Multimap): readonly T[]
}

interface Field<T> {
  readonly present: T[]
  readonly byValue: Map<string, T[]>
}

/** Creates a table without entries. */
export function createHeaderTable<T>(): HeaderTable<T> {
  const others: T[] = []
  const fields = new Map<string, Field<T>>()
  return {
    add(entry, headers = []) {
      const criterion = headers.find(({ values }) => values) ?? headers[0]
      if (!criterion) {
        others.push(entry)
        return
      }
      const { present, byValue } = fieldOf(criterion.name)
      if (!criterion.values) present.push(entry)
      for (const value of criterion.values ?? []) {
        const list = byValue.get(value)
        if (list) list.push(entry)
        else byValue.set(value, [entry])
      }
    },
    find(headers) {
      if (fields.size === 0) return others
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
    },
  }

  function fieldOf(name: string): Field<T> {
    const known = fields.get(name)
    if (known) return known
    const made: Field<T> = { present: [], byValue: new Map() }
    fields.set(name, made)
    return made
  }
}
