import type { Path } from '../kind.ts'
import type { Json } from '../types.ts'

/** A copy of objects in which `part` stands at `path`. */
export function withValue(value: Json, path: Path, part: Json): Json {
  const [step, ...rest] = path
  if (step === undefined) return part
  const members = value as Readonly<Record<string, Json>>
  return { ...members, [step]: withValue(members[step] ?? {}, rest, part) }
}
