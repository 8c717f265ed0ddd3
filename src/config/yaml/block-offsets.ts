import type { CST } from 'yaml'
import { linesOf, type OffsetWriter } from './offset-writer.ts'

interface BlockLine {
  /** Where the line begins in the file. */
  readonly at: number
  readonly indent: number
  /** Text after the indentation, without a carriage return. */
  readonly content: string
}

/** Writes the value of a literal or folded scalar (YAML 1.2 section 8.1). */
export function readBlock(token: CST.BlockScalar, writer: OffsetWriter): void {
  const header = token.props[0]
  const style = header !== undefined && 'source' in header ? header.source : '|'
  const explicit = /[1-9]/.exec(style)?.[0]
  let at = token.offset
  for (const prop of token.props) if ('source' in prop) at += prop.source.length

  const source = token.source
  const lines: BlockLine[] = linesOf(source, 0, source.length).map(({ from, to }) => {
    let start = from
    while (start < to && source[start] === ' ') start += 1
    return { at: at + from, indent: start - from, content: source.slice(start, to) }
  })
  const first = lines.findIndex((line) => line.content !== '')
  const indent =
    explicit === undefined
      ? (lines[first]?.indent ?? Number.POSITIVE_INFINITY)
      : token.indent + Number(explicit)
  // What follows the last line break is no line of the scalar, unless it has text: spaces beyond the indentation.
  const last = lines.at(-1)
  if (last?.content === '' && last.indent <= indent) lines.pop()
  writeBlock(lines, indent, style, writer, at + source.length)
}

function writeBlock(
  lines: readonly BlockLine[],
  indent: number,
  style: string,
  writer: OffsetWriter,
  end: number,
): void {
  const isText = (line: BlockLine) => line.content !== '' || line.indent > indent
  const text = lines.findLastIndex(isText)
  const folded = style.startsWith('>')
  const lineEnd = (line: BlockLine | undefined) =>
    line === undefined ? end : line.at + line.indent + line.content.length

  let empty = 0
  let before: BlockLine | undefined
  let spaced = false
  for (const line of lines.slice(0, text + 1)) {
    const moved = line.indent > indent || line.content.startsWith('\t')
    if (!isText(line)) {
      empty += 1
      continue
    }
    const breaks = before === undefined ? empty : empty + 1
    if (before === undefined || !folded || moved || spaced)
      writer.put('\n'.repeat(breaks), lineEnd(before ?? lines[0]))
    else writer.put(empty === 0 ? ' ' : '\n'.repeat(empty), lineEnd(before))
    const skipped = Math.min(indent, line.indent)
    writer.copy(' '.repeat(line.indent - skipped) + line.content, line.at + skipped)
    empty = 0
    before = line
    spaced = moved
  }
  if (style.includes('-')) return
  if (style.includes('+')) {
    const kept = lines.length - 1 - text
    writer.put(
      '\n'.repeat(before === undefined ? lines.length : kept + 1),
      lineEnd(before ?? lines[0]),
    )
  } else if (before !== undefined) {
    writer.put('\n', lineEnd(before))
  }
}
