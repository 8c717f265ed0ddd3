import { Pair, type ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml'

/** A value within one line, and where it ends. */
export interface InlineValue {
  readonly node: ParsedNode
  readonly end: number
}

/** Text that is plain in any place: nothing in it could be an indicator, or stand for something else than text. */
const PLAIN_IN_BLOCK = /(?:[A-Za-z_/]|\.{1,2}\/)(?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s#]))*/y
const PLAIN_IN_FLOW =
  /(?:[A-Za-z_/]|\.{1,2}\/)(?:[^\s:#,[\]{}]|:(?=[^\s,[\]{}])|(?<=\S)#| +(?=[^\s#,[\]{}]))*/y
const OTHER_THAN_TEXT = /^(?:null|true|false)$/i
const INTEGER = /(?:0|-?[1-9]\d{0,14})(?![^\s,\]}])/y
const QUOTED = { '"': /"[^"\\\n]*"/y, "'": /'[^'\n]*'(?!')/y } as const
const KEY = /(?!(?:null|true|false):)[A-Za-z_][\w.-]{0,99}(?=:(?:[ \n]|$))/iy
const SPACES = / */y
const MAX_DEPTH = 16

/**
 * Reads the value at `from` of simple text as the parser composes it, so far as it is a plain, quoted or flow value
 * within its line; undefined when it is anything else.
 */
export function inlineValue(text: string, from: number, depth = 0): InlineValue | undefined {
  const first = text[from]
  if (first === '{' || first === '[') {
    return depth < MAX_DEPTH ? collection(text, from, depth) : undefined
  }
  if (first === '"' || first === "'") return quoted(text, from, first)
  const number = match(INTEGER, text, from)
  if (number !== undefined) return scalar(Number(number), 'PLAIN', number, number, from)
  const plain = match(depth > 0 ? PLAIN_IN_FLOW : PLAIN_IN_BLOCK, text, from)
  if (plain === undefined) return undefined
  if (!OTHER_THAN_TEXT.test(plain)) return scalar(plain, 'PLAIN', plain, plain, from)
  const isBoolean = plain === 'true' || plain === 'false'
  return isBoolean ? scalar(plain === 'true', 'PLAIN', plain, plain, from) : undefined
}

/** The key at `from`, before its colon; undefined when none is there. */
export function simpleKey(text: string, from: number): InlineValue | undefined {
  const key = match(KEY, text, from)
  return key === undefined ? undefined : scalar(key, 'PLAIN', key, key, from)
}

/** A map of `pairs`, or a list of `items`, from one offset to another; `flow` when it is in brackets. */
export function collected(
  node: YAMLMap | YAMLSeq,
  from: number,
  end: number,
  flow: boolean,
): ParsedNode {
  node.range = [from, end, end]
  if (flow) node.flow = true
  return node as ParsedNode
}

function collection(text: string, from: number, depth: number): InlineValue | undefined {
  const isMap = text[from] === '{'
  const close = isMap ? '}' : ']'
  const node = isMap ? new YAMLMap() : new YAMLSeq()
  let at = skip(text, from + 1)
  while (text[at] !== close || node.items.length > 0) {
    const key = isMap ? simpleKey(text, at) : undefined
    if (isMap && !key) return undefined
    const value = inlineValue(text, key ? skip(text, key.end + 1) : at, depth + 1)
    if (!value) return undefined
    node.items.push((key ? new Pair(key.node, value.node) : value.node) as never)
    at = skip(text, value.end)
    if (text[at] === close) break
    if (text[at] !== ',') return undefined
    at = skip(text, at + 1)
  }
  const end = at + 1
  return { node: collected(node, from, end, true), end }
}

function quoted(text: string, from: number, quote: '"' | "'"): InlineValue | undefined {
  const source = match(QUOTED[quote], text, from)
  if (source === undefined) return undefined
  const type = quote === '"' ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE'
  return scalar(source.slice(1, -1), type, source.slice(1, -1), source, from)
}

const TOKENS = {
  PLAIN: 'scalar',
  QUOTE_DOUBLE: 'double-quoted-scalar',
  QUOTE_SINGLE: 'single-quoted-scalar',
} as const

function scalar(
  value: string | number | boolean,
  type: keyof typeof TOKENS,
  text: string,
  source: string,
  from: number,
): InlineValue {
  const node = new Scalar(value)
  const end = from + source.length
  node.range = [from, end, end]
  node.source = text
  node.type = type
  Object.assign(node, { srcToken: { type: TOKENS[type], offset: from, indent: 0, source } })
  return { node: node as ParsedNode, end }
}

function match(pattern: RegExp, text: string, from: number): string | undefined {
  pattern.lastIndex = from
  return pattern.exec(text)?.[0]
}

function skip(text: string, from: number): number {
  SPACES.lastIndex = from
  SPACES.test(text)
  return SPACES.lastIndex
}
