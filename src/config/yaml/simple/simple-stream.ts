import { Pair, type ParsedNode, YAMLMap, YAMLSeq } from 'yaml'
import { collected, inlineValue, simpleKey } from './inline-value.ts'
import { type Line, simpleLines } from './lines.ts'

/** A document of simple text. */
export interface SimpleDocument {
  readonly contents: ParsedNode
}

/**
 * The documents of text that needs no more of YAML than most policy files do: maps and lists in blocks, and within a
 * line plain, quoted and flow values. The parser would compose the same, at many times the cost. Undefined when there
 * is anything else in it, a fault above all: what is wrong is for the parser to say.
 */
export function simpleStream(text: string): readonly SimpleDocument[] | undefined {
  const lines = simpleLines(text)
  if (!lines || lines.length === 0) return undefined
  const documents: SimpleDocument[] = []
  let at = lines[0]?.isMarker ? 1 : 0
  for (;;) {
    const read = blockAt(text, lines, at, 0, 0)
    if (!read) return undefined
    documents.push({ contents: read.node })
    if (read.next === lines.length) return documents
    if (!lines[read.next]?.isMarker) return undefined
    at = read.next + 1
  }
}

interface Block {
  readonly node: ParsedNode
  /** The first line behind it. */
  readonly next: number
}

const MAX_DEPTH = 16

/** The map or list that begins with line `at`, whose text begins in column `indent`. */
function blockAt(
  text: string,
  lines: readonly Line[],
  at: number,
  indent: number,
  depth: number,
): Block | undefined {
  const line = lines[at]
  if (!line || line.isMarker || line.indent !== indent || depth > MAX_DEPTH) return undefined
  return isItem(text, line) ? listAt(text, lines, at, depth) : mapAt(text, lines, at, line, depth)
}

function listAt(
  text: string,
  lines: readonly Line[],
  first: number,
  depth: number,
): Block | undefined {
  const { indent = 0, from = 0 } = lines[first] ?? {}
  const node = new YAMLSeq()
  let at = first
  for (let line = lines[at]; line && !line.isMarker && line.indent === indent; line = lines[at]) {
    // behind a list that is not indented, its map goes on
    if (!isItem(text, line)) break
    let start = line.from + 1
    while (text[start] === ' ') start += 1
    if (start >= line.to) return undefined
    const inner = { ...line, from: start, indent: line.indent + start - line.from }
    const read =
      simpleKey(text, start) === undefined
        ? valueAt(text, inner, at)
        : mapAt(text, lines, at, inner, depth + 1)
    if (!read) return undefined
    node.items.push(read.node)
    at = read.next
  }
  return { node: collected(node, from, from + 1, false), next: at }
}

/** The map whose first key is at the begin of `head`, which is line `first` or the end of it. */
function mapAt(
  text: string,
  lines: readonly Line[],
  first: number,
  head: Line,
  depth: number,
): Block | undefined {
  if (depth > MAX_DEPTH) return undefined
  const { indent, from } = head
  const node = new YAMLMap()
  let at = first
  for (
    let line: Line | undefined = head;
    line && !line.isMarker && line.indent === indent;
    line = lines[at]
  ) {
    const key = simpleKey(text, line.from)
    if (!key) return undefined
    const colon = key.end
    let read: Block | undefined
    if (colon + 1 === line.to) {
      const below = lines[at + 1]
      const isList = below !== undefined && isItem(text, below) && below.indent >= indent
      if (!below || !(isList || below.indent > indent)) return undefined
      read = blockAt(text, lines, at + 1, below.indent, depth + 1)
    } else {
      let start = colon + 2
      while (text[start] === ' ') start += 1
      read = valueAt(text, { ...line, from: start }, at)
    }
    if (!read) return undefined
    node.items.push(new Pair(key.node, read.node))
    at = read.next
  }
  const after = lines[at]
  // what is indented further belongs to the value above it
  if (after && !after.isMarker && after.indent > indent) return undefined
  return { node: collected(node, from, from + 1, false), next: at }
}

/** The value that the rest of a line is. */
function valueAt(text: string, { from, to }: Line, at: number): Block | undefined {
  const value = inlineValue(text, from)
  const isWhole = value && (value.end === to || COMMENT.test(text.slice(value.end, to)))
  return isWhole ? { node: value.node, next: at + 1 } : undefined
}

/** A comment behind a value, not an expression that lost its quotes. */
const COMMENT = /^ +#(?!\[)/

function isItem(text: string, { from, to }: Line): boolean {
  return text[from] === '-' && (from + 1 === to || text[from + 1] === ' ')
}
