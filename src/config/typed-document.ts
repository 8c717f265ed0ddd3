import type { ZodType } from 'zod'
import type { Diagnostic } from './diagnostic.ts'
import { schemaFaults } from './schema-faults/index.ts'
import type { SourceDocument } from './yaml/index.ts'

/** The value of a document as `schema` types it; undefined after its faults were added to `diagnostics`. */
export function typeDocument<T>(
  schema: ZodType<T>,
  document: SourceDocument,
  diagnostics: Diagnostic[],
): T | undefined {
  const { value, quotable } = document
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const { path, key, fault } of schemaFaults(result.error, value, { schema, quotable })) {
    diagnostics.push(document.diagnostic(path, fault, { ...(key && { key }) }))
  }
  return undefined
}
