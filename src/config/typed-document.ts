import type { ZodType } from 'zod'
import type { Environment } from '../environment.ts'
import type { Diagnostic } from './diagnostic.ts'
import { readSource } from './files.ts'
import { schemaFaults } from './schema-faults/index.ts'
import { parseDocuments, type SourceDocument } from './yaml/index.ts'

/**
 * The documents of a file, with what is wrong with its text added to `diagnostics`. `switches` are keys at
 * which a plain `on` or `off` is meant.
 */
export async function readDocuments(
  path: string,
  environment: Environment,
  diagnostics: Diagnostic[],
  switches: readonly string[] = [],
): Promise<readonly SourceDocument[]> {
  const { text, diagnostics: unreadable } = await readSource(path, environment)
  diagnostics.push(...unreadable)
  if (text === undefined) return []
  const parsed = parseDocuments(path, text, { variable: environment.variable, switches })
  diagnostics.push(...parsed.diagnostics)
  return parsed.documents
}

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
