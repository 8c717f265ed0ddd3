import { Document, isNode, isScalar, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Path } from '../../kind.ts'
import type { Json, JsonObject } from '../../types.ts'
import { escapeControls } from '../printable.ts'
import { escapeDollars } from './substitute.ts'

/** A document that is to be written. */
export interface NewDocument {
  /** What reading the file gives again. */
  readonly value: JsonObject
  /** True when `${NAME}` in its texts is a reference to a variable, else it is literal. Default false. */
  readonly references?: boolean
  /** Lines that stand above the value at a path; not above the document itself. */
  readonly comments?: readonly { readonly path: Path; readonly text: string }[]
}

/** The text of a YAML 1.2 file of these documents, which `parseDocuments` reads again without a diagnostic. */
export function writeDocuments(documents: readonly NewDocument[]): string {
  return documents.map(writeDocument).join('---\n')
}

const OPTIONS = { version: '1.2', schema: 'core', compat: 'yaml-1.1' } as const

function writeDocument({ value, references, comments = [] }: NewDocument): string {
  const document = new Document(undefined, OPTIONS)
  document.contents = nodeOf(escaped(value, { references: references === true }))
  for (const { path, text } of comments) setComment(document.contents, path, commentOf(text))
  const written = document.toString({
    lineWidth: 0,
    blockQuote: false,
    flowCollectionPadding: true,
  })
  return written.replace(UNPRINTABLE, escapeInQuotes)
}

/** Characters that a reader refuses as they are; they stand only in texts that are quoted. */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

function escapeInQuotes(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** With dollar signs as they are to be written. */
function escaped(value: Json, options: { readonly references: boolean }): Json {
  if (typeof value === 'string') return escapeDollars(value, options)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map((item) => escaped(item, options))
  const members = Object.entries(value)
  return Object.fromEntries(members.map(([name, member]) => [name, escaped(member, options)]))
}

function nodeOf(value: Json, depth = 0): Scalar | YAMLMap | YAMLSeq {
  if (typeof value === 'string') return textOf(value)
  if (typeof value !== 'object' || value === null) return new Scalar(value)
  if (isList(value)) {
    const list = new YAMLSeq()
    list.items = value.map((item) => nodeOf(item, depth + 1))
    list.flow = list.items.every(isScalar)
    return list
  }
  const map = new YAMLMap()
  map.items = Object.entries(value).map(
    ([name, member]) => new Pair(textOf(name), nodeOf(member, depth + 1)),
  )
  map.flow = depth > 0 && map.items.every((pair) => isScalar(pair.value)) && isShort(value)
  return map
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}

/** Characters of an object that is written on the line of its key. */
const SHORT = 70

function isShort(value: JsonObject): boolean {
  return JSON.stringify(value).length <= SHORT
}

function textOf(text: string): Scalar {
  const scalar = new Scalar(text)
  // what is escaped above, and what editors hide, must stand in quotes
  if (escapeControls(text) !== text || text.search(UNPRINTABLE) >= 0) scalar.type = 'QUOTE_DOUBLE'
  return scalar
}

function commentOf(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => ` ${escapeControls(line)}`.trimEnd())
  return lines.join('\n')
}

/** Sets it above a member or an item; above the item when the member is its first. */
function setComment(root: unknown, path: Path, comment: string): void {
  let above: unknown
  let node: unknown = root
  for (const step of path.slice(0, -1)) {
    above = node
    node = below(node, step)
  }
  const step = path.at(-1)
  if (node instanceof YAMLSeq) {
    node.flow = false
    addComment(node.items[Number(step)], comment)
  } else if (node instanceof YAMLMap) {
    node.flow = false
    const index = node.items.findIndex(({ key }) => key.value === step)
    const isFirst = index === 0 && above instanceof YAMLSeq
    addComment(isFirst ? node : node.items[index]?.key, comment)
  }
}

function below(node: unknown, step: Path[number]): unknown {
  if (node instanceof YAMLSeq) return node.items[Number(step)]
  return node instanceof YAMLMap
    ? node.items.find(({ key }) => key.value === step)?.value
    : undefined
}

function addComment(node: unknown, comment: string): void {
  if (!isNode(node)) return
  node.commentBefore = node.commentBefore ? `${node.commentBefore}\n${comment}` : comment
}
