import { styleText } from 'node:util'
import { byBytes } from '../utf8.ts'
import { cutAround, displayWidth, type Excerpt, escapeControls } from './printable.ts'

/** One finding about one place of a file. */
export interface Diagnostic {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units of the line; a tab counts as one. */
  readonly column: number
  readonly severity: 'error' | 'warning' | 'notice'
  /** Stable id: `schema/unknown-key`, `yaml/duplicate-key`. */
  readonly rule: string
  /** Lower-case, what was expected; holds no secret. */
  readonly message: string
  /** What to write instead. */
  readonly hint?: string
  /** The source line and what the caret marks; absent where the text must not be shown. */
  readonly excerpt?: Excerpt
}

/** The members of a diagnostic that `--format json` prints. */
export type DiagnosticJson = Omit<Diagnostic, 'excerpt'>

const GUTTER = 5
const COLORS = { error: 'red', warning: 'yellow', notice: 'cyan' } as const

/** The text of a diagnostic for people: `file:line:col: severity[rule] message`, the line, a caret, the hint. */
export function formatDiagnostic(
  diagnostic: Diagnostic,
  options: { color?: boolean } = {},
): string {
  const { severity, rule, hint, excerpt } = diagnostic
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    options.color ? styleText(format, text, { validateStream: false }) : text
  const label = paint([COLORS[severity], 'bold'], `${severity}[${escapeControls(rule)}]`)
  const lines = [`${place(diagnostic)}: ${label} ${safe(diagnostic.message)}`]
  const advice = hint === undefined ? undefined : safe(hint)
  if (excerpt === undefined) {
    if (advice !== undefined) lines.push(`${' '.repeat(GUTTER + 1)}hint: ${advice}`)
    return lines.join('\n')
  }
  const cut = cutAround(excerpt)
  const before = escapeControls(cut.text.slice(0, cut.from))
  const marked = escapeControls(cut.text.slice(cut.from, cut.from + cut.length))
  const after = escapeControls(cut.text.slice(cut.from + cut.length))
  const caret = paint(COLORS[severity], '^'.repeat(Math.max(1, displayWidth(marked))))
  const tail = advice === undefined ? '' : `  ${advice}`
  lines.push(
    `${String(diagnostic.line).padStart(GUTTER)} | ${before}${marked}${after}`.trimEnd(),
    `${' '.repeat(GUTTER)} | ${' '.repeat(displayWidth(before))}${caret}${tail}`,
  )
  return lines.join('\n')
}

/** The same diagnostics by file in byte order, then line, column and rule. */
export function sortDiagnostics(list: readonly Diagnostic[]): Diagnostic[] {
  return list.toSorted(
    (a, b) =>
      byBytes(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
  )
}

/** A diagnostic as `--format json` prints it: without the source text. */
export function toJson(diagnostic: Diagnostic): DiagnosticJson {
  const { file, line, column, severity, rule, message, hint } = diagnostic
  return { file, line, column, severity, rule, message, ...(hint === undefined ? {} : { hint }) }
}

function place({ file, line, column }: Diagnostic): string {
  return `${safe(file)}:${line}:${column}`
}

// A line that begins with `::` is a command to a GitHub Actions runner.
function safe(text: string): string {
  return escapeControls(text).replace(/^::/, '\\u{3a}:')
}
