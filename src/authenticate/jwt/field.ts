import { z } from 'zod'
import { pointerNames } from '../../json-pointer.ts'
import type { Json, JsonObject } from '../../types.ts'
import { valueAt } from '../../value-at.ts'

/** The name of a claim, or a JSON pointer (RFC 6901) to a value within the claims. */
export const fieldSchema = z
  .string()
  .regex(
    /^(?:[^/].*|(?:\/(?:[^~/]|~[01])*)+)$/s,
    'expected the name of a claim, or a JSON pointer such as /realm_access/roles',
  )
  .describe('The name of a claim, or a JSON pointer when it begins with /.')

/** Finds the value of a field; undefined when the claims have none. */
export type Field = (claims: JsonObject) => Json | undefined

/** What a field of the file stands for: own members and elements only. */
export function compileField(text: string): Field {
  const steps = text.startsWith('/') ? pointerNames(text) : [text]
  return (claims) => valueAt(claims, steps) as Json | undefined
}
