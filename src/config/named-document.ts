import { isAbsolute, join } from 'node:path'
import type { ZodType } from 'zod'
import type { Scope } from '../kind.ts'
import type { Diagnostic } from './diagnostic.ts'
import { readDocuments } from './read-documents.ts'
import { createScope } from './scope.ts'
import { typeDocument } from './typed-document.ts'
import { UnreadableError } from './unreadable-error.ts'

/** The value of a document, and the scope of the file that it stands in. */
export interface NamedDocument<T> {
  readonly value: T
  readonly scope: Scope
}

/**
 * The one document of a YAML file that another file names, relative to that one, at `scope`; undefined after an error
 * was reported, in the file itself or, when there is nothing in it, where it is named. Such a file is about secrets,
 * so nothing of it is quoted.
 */
export async function readNamedDocument<T>(
  path: string,
  schema: ZodType<T>,
  scope: Scope,
  diagnostics: Diagnostic[],
): Promise<NamedDocument<T> | undefined> {
  const { environment, folder } = scope
  const refuse = (rule: string, message: string, hint?: string) =>
    scope.report([], { severity: 'error', rule, message, ...(hint !== undefined && { hint }) })
  const found: Diagnostic[] = []
  try {
    const file = isAbsolute(path) ? path : join(folder, path)
    const { variable } = environment
    const [document, second] = await readDocuments(file, environment, found, { variable })
    if (!document || second) {
      if (!found.some(({ severity }) => severity === 'error'))
        refuse('file/documents', 'expected a file that holds one document')
      return undefined
    }
    const value = typeDocument(schema, { ...document, quotable: () => false }, found)
    if (value === undefined) return undefined
    return { value, scope: createScope(document, environment, diagnostics, scope) }
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error
    const hint = 'check the path, which is relative to this file, and who may read it'
    refuse('file/unreadable', error.message, hint)
    return undefined
  } finally {
    diagnostics.push(...found.map(withoutText))
  }
}

/** A finding without the line it is about, and without names that only the file has. */
function withoutText({ excerpt: _, ...finding }: Diagnostic): Diagnostic {
  const { rule, message } = finding
  if (rule === 'schema/unknown-key') {
    return { ...finding, message: message.replace(/\.?[^.]*: unknown key$/s, ': unknown key') }
  }
  return { ...finding, message: message.replace(/"[^"]*"/g, 'what stands there') }
}
