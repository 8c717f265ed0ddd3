import type { Environment } from '../environment.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Source } from './files.ts'
import { isFlex } from './flex/index.ts'
import { documentsIn } from './read-documents.ts'
import type { Located } from './scope.ts'
import type { SourceDocument } from './yaml/index.ts'

/** A policy file as it was read. */
export interface PolicyFile {
  readonly path: string
  /** How many documents it holds. */
  readonly size: number
  /** What is wrong with its text. */
  readonly diagnostics: readonly Diagnostic[]
  /** Its documents, ours or those of a Flex gateway, in which `$$` is no escape. */
  documents(): readonly SourceDocument[]
  /** Lets go of them: whoever asks again has them read from the text again. */
  release(): void
}

/** A policy file whose text was read. */
export function openPolicyFile(
  { path, text, diagnostics: unreadable }: Source,
  environment: Pick<Environment, 'variable'>,
): PolicyFile {
  const read = () => {
    const diagnostics: Diagnostic[] = []
    const options = {
      variable: environment.variable,
      escapes: (value: unknown) => !isFlex(value),
    }
    const documents = text === undefined ? [] : documentsIn(path, text, diagnostics, options)
    return { documents, diagnostics }
  }
  const first = read()
  let held: readonly SourceDocument[] | undefined = first.documents
  return {
    path,
    size: first.documents.length,
    diagnostics: [...unreadable, ...first.diagnostics],
    documents() {
      held ??= read().documents
      return held
    },
    release() {
      held = undefined
    },
  }
}

/** Where something stands in a file, whose documents may be let go of meanwhile. */
export function located(file: PolicyFile, index: number): Located {
  const document = () => file.documents()[index] as SourceDocument
  return {
    file: file.path,
    locate: (path) => document().locate(path),
    diagnostic: (path, fault) => document().diagnostic(path, fault),
  }
}
