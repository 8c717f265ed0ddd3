import { dirname } from 'node:path'
import type { Environment } from '../environment.ts'
import type { Path, Scope } from '../kind.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { SourceDocument } from './yaml/index.ts'

/** What is around the document; each is false when left out. */
interface ScopeOptions {
  readonly serving?: boolean | undefined
  readonly inert?: boolean | undefined
}

/** A document as far as it says where something stands. */
export type Located = Pick<SourceDocument, 'file' | 'locate' | 'diagnostic'>

/** The scope of a whole document; what is reported in it is added to `diagnostics`. */
export function createScope(
  document: Located,
  environment: Environment,
  diagnostics: Pick<Diagnostic[], 'push'>,
  { serving = false, inert = false }: ScopeOptions = {},
): Scope {
  const below = (prefix: Path): Scope => ({
    environment,
    serving,
    inert,
    folder: dirname(document.file),
    report: (path, fault) => {
      diagnostics.push(document.diagnostic([...prefix, ...path], fault))
    },
    locate(path) {
      const { line, column } = document.locate([...prefix, ...path])
      return `${document.file}:${line}:${column}`
    },
    at: (...path) => below([...prefix, ...path]),
  })
  return below([])
}
