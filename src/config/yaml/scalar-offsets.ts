import type { CST } from 'yaml'
import { readBlock } from './block-offsets.ts'
import { createWriter, linesOf, type OffsetWriter } from './offset-writer.ts'

/** A scalar as the parser read it: its text as written, and where that begins in the file. */
export type ScalarToken = CST.FlowScalar | CST.BlockScalar

/**
 * Where each UTF-16 code unit of a scalar's value stands in the file: `offsets[i]` for unit `i`, and one more
 * for the end. Follows the folding, escapes, indentation and chomping of YAML 1.2 chapters 7 and 8 as the
 * parser reads them. Undefined when the result is not `value`, so that a caret is never put in a wrong place.
 */
export function scalarOffsets(token: ScalarToken, value: string): readonly number[] | undefined {
  const writer = createWriter()
  switch (token.type) {
    case 'scalar':
      readFolded(token.source, token.offset, 0, token.source.length, writer, false)
      break
    case 'single-quoted-scalar':
      readFolded(token.source, token.offset, 1, token.source.length - 1, writer, true)
      break
    case 'double-quoted-scalar':
      readDoubleQuoted(token.source, token.offset, writer)
      break
    case 'block-scalar':
      readBlock(token, writer)
      break
    default:
      return undefined
  }
  return writer.finish(value)
}

const isBlank = (char: string | undefined) => char === ' ' || char === '\t'

// Plain and single-quoted: lines are trimmed and joined by a space, or by one break per empty line.
function readFolded(
  source: string,
  base: number,
  from: number,
  to: number,
  writer: OffsetWriter,
  quoted: boolean,
): void {
  const lines = linesOf(source, from, to)
  let empty = 0
  let breakAt = base
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1
    let start = line.from
    let end = line.to
    if (index > 0) while (start < end && isBlank(source[start])) start += 1
    if (!last) while (end > start && isBlank(source[end - 1])) end -= 1
    if (index > 0 && !last && start === end) {
      empty += 1
      continue
    }
    if (index > 0) writer.put(empty === 0 ? ' ' : '\n'.repeat(empty), breakAt)
    empty = 0
    breakAt = base + end
    copyQuotes(source, base, start, end, writer, quoted)
  }
}

function copyQuotes(
  source: string,
  base: number,
  from: number,
  to: number,
  writer: OffsetWriter,
  quoted: boolean,
): void {
  let start = from
  while (quoted) {
    const quote = source.indexOf("''", start)
    if (quote < 0 || quote + 2 > to) break
    writer.copy(source.slice(start, quote), base + start)
    writer.put("'", base + quote)
    start = quote + 2
  }
  writer.copy(source.slice(start, to), base + start)
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function readDoubleQuoted(source: string, base: number, writer: OffsetWriter): void {
  const end = source.length - 1
  const skipBlanks = (from: number) => {
    let at = from
    while (at < end && isBlank(source[at])) at += 1
    return at
  }
  const breakLength = (at: number) =>
    source[at] === '\n' ? 1 : source[at] === '\r' && source[at + 1] === '\n' ? 2 : 0

  let at = 1
  while (at < end) {
    const char = source[at] ?? ''
    if (breakLength(at) > 0) {
      const start = at
      let breaks = 0
      for (let length = breakLength(at); length > 0 && at < end; length = breakLength(at)) {
        breaks += 1
        at = skipBlanks(at + length)
      }
      writer.put(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), base + start)
    } else if (char === '\\') {
      const next = source[at + 1] ?? ''
      const digits = HEX_DIGITS[next]
      const continued = breakLength(at + 1)
      if (continued > 0) {
        at = skipBlanks(at + 1 + continued)
      } else if (digits !== undefined) {
        const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16)
        // An escape that names no character is the parser's error; here it only must not throw.
        writer.put(code <= 0x10ffff ? String.fromCodePoint(code) : '', base + at)
        at += 2 + digits
      } else {
        writer.put(ESCAPES[next] ?? next, base + at)
        at += 2
      }
    } else if (isBlank(char)) {
      const after = skipBlanks(at)
      if (breakLength(after) === 0) writer.copy(source.slice(at, after), base + at)
      at = after
    } else {
      writer.copy(char, base + at)
      at += 1
    }
  }
}
