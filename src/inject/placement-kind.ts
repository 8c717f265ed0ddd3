import { z } from 'zod'
import type { Kind, Scope } from '../kind.ts'
import type { Placement } from '../types.ts'

/** A kind of placement; its config names it under `location`. */
export interface PlacementKind<Config> extends Kind<Config, Placement> {
  create(config: Config, scope: Scope): Placement | undefined
}

/** What happens to a value that the client sent at a place. */
export type Overwrite = 'always' | 'ifAbsent' | 'fail'

/** The `overwrite` key of every placement that writes a place; the policy acts on it. */
export const overwriteSchema = z
  .enum(['always', 'ifAbsent', 'fail'])
  .optional()
  .describe(
    'What happens to a value that the client sent at this place: always replaces it (default), ' +
      'ifAbsent keeps it and adds none, fail refuses the request. A value under an alias only is ' +
      'replaced as with always, and refused with fail.',
  )

/** The `value` key of every placement that writes a place; the policy evaluates it. */
export const valueSchema = z
  .string()
  .min(1, 'expected text')
  .optional()
  .describe(
    'Text that stands there in place of the credential; may hold expressions, which see saved ' +
      'tokens: Bearer #[tokens.crm.value].',
  )

/** The name of a query parameter or form field, decoded. */
export const parameterNameSchema = z
  .string()
  .min(1, 'expected a name')
  .refine((name) => name.isWellFormed(), 'expected a name of whole Unicode characters')
