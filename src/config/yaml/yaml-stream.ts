import { Composer, CST, type Document, Lexer, type ParsedNode, Parser, type YAMLError } from 'yaml'
import type { Fault } from '../../kind.ts'
import { simpleStream } from './simple/simple-stream.ts'

/** A fault and the text it is about, as offsets in the file. */
export interface PlacedFault {
  readonly fault: Fault
  readonly offset: number
  readonly length: number
}

/** A comment that begins with `#[`: most likely an expression without quotes. */
export interface BracketComment {
  readonly offset: number
  readonly text: string
  /** True when something else stands before it on its line. */
  readonly trailing: boolean
  /** True inside `[…]` or `{…}`, where it also swallows what follows on the line. */
  readonly flow: boolean
  /** True right after `:`, `-` and the like: the comment stands where a value was meant. */
  readonly empty: boolean
}

/** A document as far as it is looked at. */
export interface ParsedDocument extends Pick<Document.Parsed<ParsedNode>, 'contents'> {
  /** Absent in a stream without faults. */
  readonly range?: Document.Parsed['range']
}

/** A YAML stream as the parser sees it. */
export interface YamlStream {
  readonly documents: readonly ParsedDocument[]
  /** Why text is not YAML as we accept it; a document that holds one of them cannot be read. */
  readonly faults: readonly PlacedFault[]
  readonly comments: readonly BracketComment[]
}

const MAX_DEPTH = 64

const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].flatMap((name) => [
    `!!${name}`,
    `!<tag:yaml.org,2002:${name}>`,
  ]),
).add('!')

const COMPOSE = {
  version: '1.2',
  schema: 'core',
  strict: true,
  stringKeys: true,
  // The parser's own check compares every key with every other.
  uniqueKeys: false,
  keepSourceTokens: true,
  merge: false,
} as const

/** Parses YAML 1.2 without anchors, aliases, merge keys and tags outside the core schema; never throws. */
export function parseStream(text: string): YamlStream {
  const documents = simpleStream(text)
  return documents ? { documents, faults: [], comments: [] } : composeStream(text)
}

/** The same, for any text. */
export function composeStream(text: string): YamlStream {
  const faults: PlacedFault[] = []
  const comments: BracketComment[] = []
  const tokens: CST.Token[] = []
  const parser = new Parser()
  const watch = createLexemeWatch(text, faults, comments)
  for (const lexeme of new Lexer().lex(text)) {
    watch(lexeme, parser)
    tokens.push(...parser.next(lexeme))
    // Before anything recursive sees the tree.
    if (depthOf(parser.stack) > MAX_DEPTH) {
      const message = `expected at most ${MAX_DEPTH} levels of nesting`
      return { documents: [], faults: [placed('yaml/depth', message, parser.offset, 1)], comments }
    }
  }
  tokens.push(...parser.end())

  const composer = new Composer(COMPOSE)
  const documents: Document.Parsed<ParsedNode>[] = []
  for (const document of composer.compose(tokens)) {
    documents.push(document as Document.Parsed<ParsedNode>)
    for (const error of [...document.errors, ...document.warnings]) faults.push(ofParser(error))
  }
  const { errors, warnings } = composer.streamInfo()
  for (const error of [...errors, ...warnings]) faults.push(ofParser(error))
  return { documents, faults, comments }
}

const BEFORE_VALUE: ReadonlySet<string | null> = new Set([
  'comma',
  'doc-start',
  'explicit-key-ind',
  'flow-map-start',
  'flow-seq-start',
  'map-value-ind',
  'seq-item-ind',
  'tag',
])

function depthOf(stack: readonly CST.Token[]): number {
  const top = stack.at(-1)
  return stack.length - 1 - (top !== undefined && CST.isCollection(top) ? 0 : 1)
}

function createLexemeWatch(text: string, faults: PlacedFault[], comments: BracketComment[]) {
  let previous = ''
  let lastType: string | null = null
  return (lexeme: string, parser: Parser): void => {
    const isScalarText = previous === CST.SCALAR
    previous = lexeme
    const type = isScalarText ? 'scalar' : CST.tokenType(lexeme)
    const offset = parser.offset
    const refuse = (rule: string, message: string, hint?: string) =>
      faults.push(placed(rule, message, offset, lexeme.length, hint))
    if (type === 'anchor') refuse('yaml/alias', 'expected no anchor')
    if (type === 'alias') refuse('yaml/alias', 'expected no alias', 'write the value out')
    if (type === 'tag' && !CORE_TAGS.has(lexeme)) {
      refuse('yaml/tag', 'expected no tag, or one of the YAML 1.2 core schema')
    }
    if (type === 'directive-line' && !/^%YAML[ \t]+1\.2[ \t]*(#|$)/.test(lexeme)) {
      refuse('yaml/directive', 'expected no directive but %YAML 1.2')
    }
    if (type === 'comment' && lexeme.startsWith('#[')) {
      const lineStart = text.lastIndexOf('\n', offset - 1) + 1
      comments.push({
        offset,
        text: lexeme.trimEnd(),
        trailing: text.slice(lineStart, offset).trim() !== '',
        flow: parser.stack.some((token) => token.type === 'flow-collection'),
        empty: BEFORE_VALUE.has(lastType),
      })
    }
    if (type !== 'space' && type !== 'newline' && type !== 'comment') lastType = type
  }
}

const RULES: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  ALIAS_PROPS: 'yaml/alias',
  BAD_ALIAS: 'yaml/alias',
  BAD_COLLECTION_TYPE: 'yaml/tag',
  BAD_DIRECTIVE: 'yaml/directive',
  NON_STRING_KEY: 'yaml/key',
  TAG_RESOLVE_FAILED: 'yaml/tag',
}
// Messages that the parser ends with a quotation of the file are told without it.
const MESSAGES: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_DIRECTIVE: 'expected no directive but %YAML 1.2',
  BAD_DQ_ESCAPE: 'expected an escape sequence of YAML after the backslash',
  NON_STRING_KEY: 'expected text as a key',
  RESOURCE_EXHAUSTION: 'expected less nesting',
  TAG_RESOLVE_FAILED: 'expected no tag, or one of the YAML 1.2 core schema that fits the value',
}

function ofParser(error: YAMLError): PlacedFault {
  const said = MESSAGES[error.code] ?? error.message.replace(/(?<=\w): .*$/s, '')
  const message = said.charAt(0).toLowerCase() + said.slice(1)
  const [from, to] = error.pos
  return placed(RULES[error.code] ?? 'yaml/syntax', message, from, Math.max(1, to - from))
}

function placed(
  rule: string,
  message: string,
  offset: number,
  length: number,
  hint?: string,
): PlacedFault {
  const fault: Fault = { severity: 'error', rule, message, ...(hint === undefined ? {} : { hint }) }
  return { fault, offset, length }
}
