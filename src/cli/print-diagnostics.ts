import { styleText } from 'node:util'
import { type Diagnostic, formatDiagnostic, sortDiagnostics } from '../config/index.ts'

/** Diagnostics for people, in the order of files and lines; in colour where `stream` shows it (NO_COLOR, FORCE_COLOR). */
export function diagnosticLines(
  diagnostics: readonly Diagnostic[],
  stream: NodeJS.WriteStream,
): string[] {
  const color = styleText('red', '', { stream }) !== ''
  return sortDiagnostics(diagnostics).map((diagnostic) => formatDiagnostic(diagnostic, { color }))
}
