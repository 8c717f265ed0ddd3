import { literalText } from '../config/index.ts'
import type { Json, JsonObject } from '../types.ts'

/** The value as a policy file writes it so that nothing in its texts is an expression. */
export function literalValue(value: Json): Json {
  if (typeof value === 'string') return literalText(value)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(literalValue)
  const members = Object.entries(value).map(([name, member]) => [name, literalValue(member)])
  return Object.fromEntries(members)
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}
