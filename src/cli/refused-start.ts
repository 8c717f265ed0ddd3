import { ConfigurationError, type Diagnostic, UnreadableError } from '../config/index.ts'
import { diagnosticLines } from './print-diagnostics.ts'
import { startRefused } from './stop.ts'

/** The `Stop` of a start whose files cannot be loaded; any other error stays what it is. */
export function refusedStart(error: unknown): unknown {
  if (error instanceof ConfigurationError) {
    return startRefused(diagnosticLines(error.diagnostics, process.stderr).join('\n'))
  }
  if (error instanceof UnreadableError) return startRefused(error.message)
  return error
}

/** Shows what a start found, on standard error. */
export function printWarnings(diagnostics: readonly Diagnostic[]): void {
  for (const line of diagnosticLines(diagnostics, process.stderr)) console.error(line)
}
