import { LineCounter } from 'yaml'
import type { Fault } from '../../kind.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { holdsKey, withoutKeys } from './key-like.ts'

/** A part of one line. */
export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
  /** In UTF-16 code units, at least 1; never runs into the next line. */
  readonly length: number
}

/** The text of a file, and what turns offsets in it into places and diagnostics. */
export interface SourceText {
  readonly file: string
  /** Without a byte order mark. */
  readonly text: string
  /** The place of `length` characters from `offset`, cut at the end of the line. */
  place(offset: number, length?: number): Place
  /** The line that `offset` stands on, without its line break. */
  line(offset: number): { readonly start: number; readonly text: string }
  /** Names a part of the text that no excerpt may show. */
  hide(from: number, to: number): void
  /**
   * With the line as excerpt, unless it is hidden or holds what looks like a key; such a text stands in no message
   * either. `guess` also leaves out lines that keys may stand in by the names on them.
   */
  diagnostic(fault: Fault, offset: number, length?: number, guess?: boolean): Diagnostic
}

// For files too broken to know where their keys are.
const KEY_LINE =
  /(?:private_?key|secret|pass(?:word|phrase)|credential|api_?key|token|\bpin)["']?\s*:\s*\S|-----|\b[dk]["']?\s*:\s*["']?[\w-]{16,}|^\s*[A-Za-z0-9+/_-]{40,}={0,2}\s*$/i

/** True for what stands between the two lines of a PEM block, however it is indented. */
function isInPem(text: string, offset: number): boolean {
  return text.lastIndexOf('-----BEGIN', offset) > text.lastIndexOf('-----END', offset)
}

/** The lines of `raw`; a byte order mark at its start is dropped and counts for no column. */
export function createSourceText(file: string, raw: string): SourceText {
  const text = raw.startsWith('\uFEFF') ? raw.slice(1) : raw
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lines.addNewLine(at + 1)
  }
  const hidden: [number, number][] = []

  const line = (offset: number) => {
    const start = lines.lineStarts[lines.linePos(offset).line - 1] ?? 0
    const end = text.indexOf('\n', start)
    return { start, text: text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '') }
  }

  const place = (offset: number, length = 1) => {
    const at = Math.max(0, Math.min(offset, text.length))
    const found = lines.linePos(at)
    const left = line(at).text.length - (found.col - 1)
    return { line: found.line, column: found.col, length: Math.max(1, Math.min(length, left)) }
  }

  const showable = (start: number, shown: string, guess: boolean) =>
    !holdsKey(shown) &&
    !(guess && (KEY_LINE.test(shown) || isInPem(text, start))) &&
    !hidden.some(([from, to]) => from <= start + shown.length && to > start)

  return {
    file,
    text,
    place,
    line,
    hide: (from, to) => {
      hidden.push([from, to])
    },
    diagnostic: ({ severity, rule, message, hint }, offset, length, guess = false) => {
      const at = place(offset, length)
      const shown = line(Math.min(offset, text.length))
      return {
        file,
        line: at.line,
        column: at.column,
        severity,
        rule,
        message: withoutKeys(message),
        ...(hint === undefined ? {} : { hint: withoutKeys(hint) }),
        ...(showable(shown.start, shown.text, guess)
          ? { excerpt: { text: shown.text, from: at.column - 1, length: at.length } }
          : {}),
      }
    },
  }
}
