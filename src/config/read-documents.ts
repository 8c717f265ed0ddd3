import type { Environment } from '../environment.ts'
import type { Diagnostic } from './diagnostic.ts'
import { readSource } from './files.ts'
import { type ParseOptions, parseDocuments, type SourceDocument } from './yaml/index.ts'

/** How to read a file of documents. */
export interface ReadOptions extends Omit<ParseOptions, 'escapes'> {
  /** False for the value of a document in which `$$` is no dollar sign but two. Default: always true. */
  escapes?(value: unknown): boolean
}

/** The documents of a file; what is wrong with its text is added to `diagnostics`. Rejects with `UnreadableError`. */
export async function readDocuments(
  path: string,
  environment: Environment,
  diagnostics: Diagnostic[],
  options: ReadOptions = {},
): Promise<readonly SourceDocument[]> {
  const { text, diagnostics: unreadable } = await readSource(path, environment)
  diagnostics.push(...unreadable)
  return text === undefined ? [] : documentsIn(path, text, diagnostics, options)
}

/** The same for its text. */
export function documentsIn(
  path: string,
  text: string,
  diagnostics: Diagnostic[],
  { escapes = () => true, ...options }: ReadOptions,
): readonly SourceDocument[] {
  const parsed = parseDocuments(path, text, options)
  diagnostics.push(...parsed.diagnostics)
  if (parsed.documents.every(({ value }) => escapes(value))) return parsed.documents
  const unescaped = parseDocuments(path, text, { ...options, escapes: false }).documents
  return parsed.documents.map((document, index) =>
    escapes(document.value) ? document : (unescaped[index] ?? document),
  )
}
