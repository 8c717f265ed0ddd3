import type { Fault, Path } from '../../kind.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { isSecret } from '../secret-key.ts'
import type { ValuePlace } from './node-reader.ts'
import { type DocumentParts, type ParseOptions, readText } from './read-text.ts'
import type { Place } from './source-text.ts'

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

/** The documents of a file that could be read, and everything there is to say about its text. */
export interface ParsedFile {
  readonly documents: readonly SourceDocument[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Characters from which on a text that stands in a message is taken for what it is in the file. */
const LIKELY_ITSELF = 6
/**
 * Reads the documents of a YAML 1.2 file (core schema) and reports all faults of its text at once. A document
 * with a syntax error, an alias, an anchor or a tag is left out; the others are complete. Never throws.
 */
export function parseDocuments(file: string, text: string, options: ParseOptions = {}): ParsedFile {
  const { documents, diagnostics } = readText(file, text, options)
  return { documents: documents.map(createDocument), diagnostics }
}

function createDocument({ source, value, place: root }: DocumentParts): SourceDocument {
  const find = (path: Path) => {
    let place = root
    for (const [depth, step] of path.entries()) {
      const next = place.children.get(step)
      if (next === undefined) return { place, missing: depth < path.length }
      place = next
    }
    return { place, missing: false }
  }
  let replaced: ReturnType<typeof substitutions> | undefined
  const asWritten = (fault: Fault): Fault => {
    replaced ??= substitutions(root).sort(([a], [b]) => b.length - a.length)
    return {
      ...fault,
      message: replaceAll(fault.message, replaced),
      ...(fault.hint !== undefined && { hint: replaceAll(fault.hint, replaced) }),
    }
  }
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
