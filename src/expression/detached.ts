import { isPlain } from './result.ts'

/** A copy of plain data that shares no array or object with it; instances of classes stay what they are. */
export function detached(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(detached)
  if (!isPlain(value)) return value
  // Without a prototype, so that `__proto__` is a name like any other.
  const members = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(value)) members[name] = detached(value[name])
  return members
}
