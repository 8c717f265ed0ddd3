import { exceeded } from './meter.ts'

/**
 * Reads member after member, as JSONata evaluates the path `a.b.c`, but at once: an array stands for its
 * items, what they give is flattened by one level, and one item alone is not an array. Only own members
 * count. With `first` it is the path `a.b.c[0]`. Throws `expr/limit` above `items` in an array met on the way.
 */
export function readPath(
  input: unknown,
  names: readonly string[],
  items: number,
  first = false,
): unknown {
  let value: unknown = input
  for (let step = 0; step < names.length; step += 1) {
    if (Array.isArray(value)) return readFromArray(value, names.slice(step), items, first)
    value = readMember(value, names[step] as string)
    if (value === undefined) return undefined
  }
  return first ? firstOf(value) : value
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}

function readMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

function readFromArray(
  array: readonly unknown[],
  names: readonly string[],
  items: number,
  first: boolean,
): unknown {
  let sequence = array
  let made = false
  for (const [step, name] of names.entries()) {
    if (sequence.length > items) throw exceeded(`${items} items in an array`)
    const isLast = step === names.length - 1
    const all = sequence.map((item) => {
      const value = lookup(item, name)
      return isLast && first ? firstOf(value) : value
    })
    // A filter gives an empty sequence, which counts, where a member is missing.
    const found = first && isLast ? all : all.filter((item) => item !== undefined)
    const only = found[0]
    if (isLast && found.length === 1 && Array.isArray(only)) return only
    sequence = found.flat().filter((item) => item !== undefined)
    made = true
  }
  if (!made || sequence.length > 1) return sequence
  return sequence[0]
}

// An array inside an array: its items are looked into at any depth, and one result alone stands for itself.
function lookup(value: unknown, name: string): unknown {
  if (!Array.isArray(value)) return readMember(value, name)
  const found = value.flatMap((item) => gather(item, name))
  return found.length > 1 ? found : found[0]
}

function gather(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => gather(item, name))
  const found = readMember(value, name)
  if (found === undefined) return []
  return Array.isArray(found) ? found : [found]
}
