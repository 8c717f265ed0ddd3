import { dirname } from 'node:path'
import type { Environment } from '../environment.ts'
import type { Path, Scope } from '../kind.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { SourceDocument } from './yaml/index.ts'

/** The scope of a whole document; what is reported in it is added to `diagnostics`. */
export function createScope(
  document: SourceDocument,
  environment: Environment,
  diagnostics: Diagnostic[],
  prefix: Path = [],
): Scope {
  return {
    environment,
    folder: dirname(document.file),
    report: (path, fault) => {
      diagnostics.push(document.diagnostic([...prefix, ...path], fault))
    },
    locate(path) {
      const { line, column } = document.locate([...prefix, ...path])
      return `${document.file}:${line}:${column}`
    },
    at: (...path) => createScope(document, environment, diagnostics, [...prefix, ...path]),
  }
}
