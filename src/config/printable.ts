/** A source line and the part of it that is meant. */
export interface Excerpt {
  readonly text: string
  /** Start of the caret in `text`, from 0, in UTF-16 code units. */
  readonly from: number
  /** Length of the caret in UTF-16 code units, at least 1. */
  readonly length: number
}

const SHOWN = 100
const CARET = 60
// Controls, lone surrogates, and what reorders or hides text without being seen.
const CONTROL = /[\p{Cc}\p{Cs}\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '    ' }

/** The text with control, bidirectional and invisible characters written out; a tab becomes four spaces. */
export function escapeControls(text: string): string {
  return text.replace(
    CONTROL,
    (char) => NAMED[char] ?? `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`,
  )
}

/** Columns the text takes on a terminal: two for East Asian wide characters and emoji, none for marks. */
export function displayWidth(text: string): number {
  let width = 0
  for (const char of text) {
    if (/^[\p{Mn}\p{Me}\u200c\u200d]/u.test(char)) continue
    width += WIDE.test(char) ? 2 : 1
  }
  return width
}

/** A long line reduced to what stands around the caret; an ellipsis marks each cut. */
export function cutAround({ text, from, length }: Excerpt): Excerpt {
  const left = text.length <= SHOWN ? 0 : Math.min(Math.max(0, from - 30), text.length - SHOWN)
  const [first, start, end, last] = [left, from, from + Math.min(length, CARET), left + SHOWN].map(
    (at) => boundary(text, Math.min(at, text.length)),
  ) as [number, number, number, number]
  const head = first > 0 ? '…' : ''
  const tail = last < text.length ? '…' : ''
  return {
    text: head + text.slice(first, last) + tail,
    from: start - first + head.length,
    length: end - start,
  }
}

// The same offset, moved out of the middle of a surrogate pair.
function boundary(text: string, at: number): number {
  const inside =
    /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '')
  return inside ? at - 1 : at
}
