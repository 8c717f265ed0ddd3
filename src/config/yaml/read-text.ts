import type { Fault, Path } from '../../kind.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { readNode, type ValuePlace } from './node-reader.ts'
import { createSourceText, type SourceText } from './source-text.ts'
import type { Variable } from './substitute.ts'
import {
  type BracketComment,
  type PlacedFault,
  parseStream,
  type YamlStream,
} from './yaml-stream.ts'

/** How to read documents. */
export interface ParseOptions {
  /** The value of an environment variable. Left out, `${…}` stays as it is written. */
  readonly variable?: Variable | undefined
  /** Places at which a plain `on` or `off` is no surprise, such as `routes[].breaker`; none by default. */
  readonly switches?: readonly string[]
  /** False for a format in which `$$` is no dollar sign but two. Default true. */
  readonly escapes?: boolean
}

/** Characters that a file may have: 1 MiB of UTF-8 has no more. */
const MAX_LENGTH = 1024 * 1024
const MAX_FAULTS = 100
// What YAML 1.2 section 5.1 does not count as printable, a carriage return alone, and a byte order mark inside.
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|\r(?!\n)|\p{Cs}/gu

/** What the text of a document tells. */
export interface DocumentParts {
  readonly source: SourceText
  readonly value: unknown
  readonly place: ValuePlace
}

/** What the text of a file tells, and everything there is to say about it. */
export interface ReadText {
  readonly documents: readonly DocumentParts[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads the text of a file once; never throws. */
export function readText(file: string, text: string, options: ParseOptions): ReadText {
  const source = createSourceText(file, text)
  const refused = refuseText(source)
  if (refused.length > 0) return { documents: [], diagnostics: refused }

  const stream = parseStream(source.text)
  const found: PlacedFault[] = []
  const recovered = new Set<number>()
  const documents: DocumentParts[] = []
  const broken = brokenDocuments(stream)
  for (const [index, { contents }] of stream.documents.entries()) {
    const { value, place } = readNode(contents, {
      variable: options.variable,
      escapes: options.escapes,
      isSwitch: (path) => (options.switches ?? []).includes(patternOf(path)),
      report: (fault, offset, length) => found.push({ fault, offset, length }),
      hide: source.hide,
      recovered: (offset) => recovered.add(offset),
    })
    if (value === null || broken.has(index)) continue
    documents.push({ source, value, place })
  }
  for (const comment of stream.comments) {
    if (recovered.has(comment.offset) || comment.trailing || comment.flow) found.push(lost(comment))
  }
  const guess = stream.faults.length > 0
  const diagnostics = unique([...stream.faults, ...found]).map(({ fault, offset, length }) =>
    source.diagnostic(fault, offset, length, guess),
  )
  if (documents.length === 0 && diagnostics.length === 0) {
    const message = 'expected a document, the file holds none'
    diagnostics.push(source.diagnostic({ severity: 'warning', rule: 'yaml/empty', message }, 0))
  }
  return { documents, diagnostics }
}

/** `routes[].breaker` of `routes[2].breaker`. */
function patternOf(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? '[]' : `.${step}`))
    .join('')
    .slice(1)
}

function refuseText(source: SourceText): Diagnostic[] {
  const error = (rule: string, message: string): Fault => ({ severity: 'error', rule, message })
  if (source.text.length > MAX_LENGTH) {
    return [
      source.diagnostic(error('file/too-large', 'expected a file of at most 1 MiB'), 0, 1, true),
    ]
  }
  return [...source.text.matchAll(UNPRINTABLE)].slice(0, MAX_FAULTS).map((found) => {
    const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    const message =
      found[0] === '\r'
        ? 'expected a line feed after the carriage return'
        : `expected printable text, found U+${code}`
    return source.diagnostic(error('yaml/control', message), found.index, 1, true)
  })
}

// A fault belongs to the first document that ends after it; one behind them all, to the last.
function brokenDocuments({ documents, faults }: YamlStream): ReadonlySet<number> {
  const broken = new Set<number>()
  let index = 0
  for (const { offset } of faults.toSorted((a, b) => a.offset - b.offset)) {
    while (index < documents.length - 1 && (documents[index]?.range?.[2] ?? 0) <= offset) index += 1
    broken.add(index)
  }
  return broken
}

function lost(comment: BracketComment): PlacedFault {
  const message = comment.empty
    ? 'value is empty: an unquoted "#[" starts a YAML comment'
    : 'text is cut off: an unquoted "#[" starts a YAML comment'
  const hint = comment.empty ? 'quote it: "#[…]"' : 'quote the whole text: "… #[…]"'
  const fault: Fault = { severity: 'error', rule: 'yaml/comment', message, hint }
  return { fault, offset: comment.offset, length: comment.text.length }
}

// Two checks may find the same fault; the parser may find many after the first.
function unique(faults: readonly PlacedFault[]): PlacedFault[] {
  const seen = new Set<string>()
  return faults
    .toSorted((a, b) => a.offset - b.offset)
    .filter(({ fault, offset }) => {
      const id = `${offset} ${fault.rule}`
      return seen.has(id) ? false : seen.add(id)
    })
    .slice(0, MAX_FAULTS)
}
