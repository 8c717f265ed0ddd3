import type { z } from 'zod'

type Schema = z.core.$ZodType
type Def = z.core.$ZodTypes['_zod']['def']

/** The schemas that a value at `path` may be checked by, unions taken apart; empty when none is known. */
export function schemasAt(roots: readonly Schema[], path: readonly PropertyKey[]): Schema[] {
  let found = roots.flatMap((root) => alternatives(root))
  for (const step of path)
    found = found.flatMap((schema) => below(schema, step)).flatMap(alternatives)
  return found
}

/** Keys that `value` may have by these schemas; of several, those that its fixed words do not rule out. */
export function keysOf(schemas: readonly Schema[], value: unknown): string[] {
  const shapes = schemas.flatMap((schema) => {
    const def = defOf(schema)
    return def.type === 'object' ? [def.shape] : []
  })
  const fitting = shapes.filter((shape) => fits(shape, value))
  return [...new Set((fitting.length > 0 ? fitting : shapes).flatMap(Object.keys))]
}

function fits(shape: z.core.$ZodShape, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(shape).every(([key, schema]) => {
    const { values } = schema._zod
    const word: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : null
    return values === undefined || typeof word !== 'string' || values.has(word)
  })
}

/** The options of the union at `path`, when one with that many options stands there. */
export function unionAt(
  roots: readonly Schema[],
  path: readonly PropertyKey[],
  count: number,
): readonly Schema[] | undefined {
  let found = roots.flatMap(unwrap)
  for (const step of path) {
    found = found
      .flatMap(alternatives)
      .flatMap((schema) => below(schema, step))
      .flatMap(unwrap)
  }
  for (let schema = found.shift(); schema !== undefined; schema = found.shift()) {
    const def = defOf(schema)
    if (def.type !== 'union') continue
    if (def.options.length === count) return def.options
    found.push(...def.options.flatMap(unwrap))
  }
  return undefined
}

function defOf(schema: Schema): Def {
  return schema._zod.def as Def
}

// The schema itself, without what only says that it may be absent or how it is converted.
function unwrap(schema: Schema): Schema[] {
  const def = defOf(schema)
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return unwrap(def.innerType)
    case 'pipe':
      return unwrap(def.in)
    case 'lazy':
      return unwrap(def.getter())
    case 'intersection':
      return [...unwrap(def.left), ...unwrap(def.right)]
    default:
      return [schema]
  }
}

function alternatives(schema: Schema): Schema[] {
  return unwrap(schema).flatMap((inner) => {
    const def = defOf(inner)
    return def.type === 'union' ? def.options.flatMap(alternatives) : [inner]
  })
}

function below(schema: Schema, step: PropertyKey): Schema[] {
  const def = defOf(schema)
  if (def.type === 'array' && typeof step === 'number') return [def.element]
  if (def.type === 'record' && typeof step === 'string') return [def.valueType]
  if (def.type === 'tuple' && typeof step === 'number') return def.items.slice(step, step + 1)
  if (def.type === 'object' && Object.hasOwn(def.shape, step)) {
    const inner = def.shape[String(step)]
    return inner === undefined ? [] : [inner]
  }
  return []
}
