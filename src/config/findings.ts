import type { ConfigurationEvent } from '../observe.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Diagnostic } from './diagnostic.ts'
import { UnreadableError } from './unreadable-error.ts'

type Findings = ConfigurationEvent['findings']

/** Diagnostics as events tell them: one line each, without the text of the file. */
export function findingsOf(diagnostics: readonly Diagnostic[]): Findings {
  return diagnostics.map(({ file, line, column, severity, rule, message, hint }) => {
    const end = hint === undefined ? '' : `; ${hint}`
    return { severity, text: `${file}:${line}:${column}: ${severity}[${rule}] ${message}${end}` }
  })
}

/** What kept files from being loaded, as events tell it; of an unexpected error only the name. */
export function findingsOfError(thrown: unknown): Findings {
  if (thrown instanceof ConfigurationError) return findingsOf(thrown.diagnostics)
  const name = thrown instanceof Error ? thrown.name : typeof thrown
  const text = thrown instanceof UnreadableError ? thrown.message : `unexpected fault: ${name}`
  return [{ severity: 'error', text }]
}
