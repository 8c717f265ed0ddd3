import type { ZodOptional, ZodType } from 'zod'

/** The kinds of an extension point by their keys. */
type Kinds = Readonly<Record<string, { readonly schema: ZodType }>>

/** The keys of a document that hold the part of one kind each, of which one is written. */
export interface KindChoice<Of extends Kinds> {
  readonly keys: readonly (keyof Of & string)[]
  readonly shape: { readonly [Key in keyof Of]: ZodOptional<Of[Key]['schema']> }
  /** How many of the keys are written. */
  count(document: Readonly<Record<string, unknown>>): number
}

/** The choice of one of the kinds. */
export function createKindChoice<Of extends Kinds>(kinds: Of): KindChoice<Of> {
  const keys = Object.keys(kinds)
  const shape = Object.entries(kinds).map(([key, { schema }]) => [key, schema.optional()])
  return {
    keys,
    // each key has the schema of its own kind
    shape: Object.fromEntries(shape) as KindChoice<Of>['shape'],
    count: (document) => keys.filter((key) => document[key] !== undefined).length,
  }
}
