import { type Diagnostic, formatDiagnostic } from './diagnostic.ts'

/** The files held an error, so nothing was compiled from them. */
export class ConfigurationError extends Error {
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n'))
    this.name = 'ConfigurationError'
    this.diagnostics = diagnostics
  }
}
