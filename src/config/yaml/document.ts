import type { Fault, Path } from '../../kind.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { isSecret } from '../secret-key.ts'
import { readNode, type ValuePlace } from './node-reader.ts'
import { createSourceText, type Place, type SourceText } from './source-text.ts'
import type { Variable } from './substitute.ts'
import {
  type BracketComment,
  type PlacedFault,
  parseStream,
  type YamlStream,
} from './yaml-stream.ts'

/** One YAML document of a file: its value as plain data, and where each part of it stands. */
export interface SourceDocument {
  readonly file: string
  /** Plain data after substitution. Objects have no prototype, so that `__proto__` is a key like any other. */
  readonly value: unknown
  /**
   * The place of the value at `path`, or with `key` of its key. For a value that is not there: the key of the
   * nearest value above that is.
   */
  locate(path: Path, options?: { readonly key?: boolean }): Place
  /**
   * The place of `length` characters from `offset` in the text at `path`, whatever its quoting; inside what
   * `${…}` was replaced with, the place of the `${…}`. The start of the value when that is not known.
   */
  locateOffset(path: Path, offset: number, length?: number): Place
  /** The fault at `path`, at its `offset` when it has one, with the source line unless a secret may stand there. */
  diagnostic(path: Path, fault: Fault, options?: { readonly key?: boolean }): Diagnostic
  /** False when the scalar at `path` may hold a secret, by its key or because of an environment variable. */
  quotable(path: Path): boolean
  /** True when what stands at `path` is as it is written: no variable's value was put in. */
  verbatim(path: Path): boolean
}

/** How to read documents. */
export interface ParseOptions {
  /** The value of an environment variable. Left out, `${…}` stays as it is written. */
  readonly variable?: Variable | undefined
  /** Places at which a plain `on` or `off` is no surprise, such as `routes[].breaker`; none by default. */
  readonly switches?: readonly string[]
  /** False for a format in which `$$` is no dollar sign but two. Default true. */
  readonly escapes?: boolean
}

/** The documents of a file that could be read, and everything there is to say about its text. */
export interface ParsedFile {
  readonly documents: readonly SourceDocument[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Characters that a file may have: 1 MiB of UTF-8 has no more. */
const MAX_LENGTH = 1024 * 1024
const MAX_FAULTS = 100
/** Characters from which on a text that stands in a message is taken for what it is in the file. */
const LIKELY_ITSELF = 6
// What YAML 1.2 section 5.1 does not count as printable, a carriage return alone, and a byte order mark inside.
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|\r(?!\n)|\p{Cs}/gu

/**
 * Reads the documents of a YAML 1.2 file (core schema) and reports all faults of its text at once. A document
 * with a syntax error, an alias, an anchor or a tag is left out; the others are complete. Never throws.
 */
export function parseDocuments(file: string, text: string, options: ParseOptions = {}): ParsedFile {
  const source = createSourceText(file, text)
  const refused = refuseText(source)
  if (refused.length > 0) return { documents: [], diagnostics: refused }

  const stream = parseStream(source.text)
  const found: PlacedFault[] = []
  const recovered = new Set<number>()
  const documents: SourceDocument[] = []
  const broken = brokenDocuments(stream)
  for (const [index, { contents }] of stream.documents.entries()) {
    const read = readNode(contents, {
      variable: options.variable,
      escapes: options.escapes,
      isSwitch: (path) => (options.switches ?? []).includes(patternOf(path)),
      report: (fault, offset, length) => found.push({ fault, offset, length }),
      hide: source.hide,
      recovered: (offset) => recovered.add(offset),
    })
    if (read.value === null || broken.has(index)) continue
    documents.push(createDocument(source, read.value, read.place))
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
    while (index < documents.length - 1 && (documents[index]?.range[2] ?? 0) <= offset) index += 1
    broken.add(index)
  }
  return broken
}

function createDocument(source: SourceText, value: unknown, root: ValuePlace): SourceDocument {
  const find = (path: Path) => {
    let place = root
    for (const [depth, step] of path.entries()) {
      const next = place.children.get(step)
      if (next === undefined) return { place, missing: depth < path.length }
      place = next
    }
    return { place, missing: false }
  }
  const replaced = substitutions(root).sort(([a], [b]) => b.length - a.length)
  const asWritten = (fault: Fault): Fault => ({
    ...fault,
    message: replaceAll(fault.message, replaced),
    ...(fault.hint !== undefined && { hint: replaceAll(fault.hint, replaced) }),
  })
  const range = (path: Path, key = false) => {
    const { place, missing } = find(path)
    return (key || missing) && place.key !== undefined ? place.key : place
  }
  const offsetRange = (path: Path, offset: number, length: number) => {
    const { place, missing } = find(path)
    const from = missing ? undefined : place.at?.(offset)
    if (from === undefined) return range(path)
    const last = place.at?.(offset + Math.max(1, length) - 1) ?? from
    return { from, length: last - from + 1 }
  }
  return {
    file: source.file,
    value,
    locate: (path, options) => {
      const { from, length } = range(path, options?.key)
      return source.place(from, length)
    },
    locateOffset: (path, offset, length = 1) => {
      const found = offsetRange(path, offset, length)
      return source.place(found.from, found.length)
    },
    diagnostic: (path, fault, options) => {
      const { from, length } =
        fault.offset === undefined
          ? range(path, options?.key)
          : offsetRange(path, fault.offset, fault.length ?? 1)
      return source.diagnostic(asWritten(fault), from, length)
    },
    quotable: (path) => {
      const { place, missing } = find(path)
      const secret = missing ? isSecret(path, undefined) : place.secret === true
      return !secret && place.substituted === undefined
    },
    verbatim: (path) => find(path).place.substituted === undefined,
  }
}

/** Texts of a document that hold the value of a variable, with what is written in their place. */
function substitutions(place: ValuePlace): (readonly [text: string, written: string])[] {
  const below = [...place.children.values()].flatMap(substitutions)
  if (place.substituted === undefined) return below
  const { text, written } = place.substituted
  return [[text, written], [text.toLowerCase(), written], ...below]
}

// A value of a variable is never told: a message that quotes it says `${NAME}`, as the file does.
function replaceAll(said: string, replaced: readonly (readonly [string, string])[]): string {
  return replaced.reduce((told, [text, written]) => {
    if (text.length >= LIKELY_ITSELF) return told.replaceAll(text, () => written)
    return text === '' ? told : told.replaceAll(`"${text}"`, () => `"${written}"`)
  }, said)
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
