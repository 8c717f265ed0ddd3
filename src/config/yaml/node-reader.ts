import { type CST, isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar } from 'yaml'
import type { Fault, Path } from '../../kind.ts'
import { isReferenceKey, isSecret, isSecretPath } from '../secret-key.ts'
import { type ScalarToken, scalarOffsets } from './scalar-offsets.ts'
import { substitute, type Variable } from './substitute.ts'
import { surpriseOf } from './surprise.ts'

/** Where a value of a document stands, and the values below it. */
export interface ValuePlace {
  readonly from: number
  readonly length: number
  /** Where its key stands; absent for the root and for members of lists. */
  readonly key?: { readonly from: number; readonly length: number }
  readonly children: ReadonlyMap<string | number, ValuePlace>
  /** Where a character of the value stands in the file; absent for what is not text. */
  readonly at?: (offset: number) => number | undefined
  /** What the text was before the value of an environment variable was put in, and after. */
  readonly substituted?: { readonly written: string; readonly text: string }
  /** True when it may be a secret, so that it is never quoted. */
  readonly secret?: boolean
}

/** What the reader asks and tells. */
export interface ReaderOptions {
  /** Left out, `${…}` stays as it is written. */
  readonly variable?: Variable | undefined
  /** False: `$$` is no escape. Default true. */
  readonly escapes?: boolean | undefined
  /** True where a plain `on` or `off` is what the format asks for. */
  readonly isSwitch: (path: Path) => boolean
  report(fault: Fault, offset: number, length: number): void
  /** Told the range of every key and scalar that may be a secret. */
  hide(from: number, to: number): void
  /** Told the offset of a `#[` comment that stands in place of a value. */
  recovered(offset: number): void
}

/** A value as plain data, objects without a prototype, and where each part of it stands. */
export interface ReadValue {
  readonly value: unknown
  readonly place: ValuePlace
}

const NONE: ReadonlyMap<string | number, ValuePlace> = new Map()

/** Reads a composed node. Aliases read as null: they are refused before, and never followed. */
export function readNode(root: ParsedNode | null, options: ReaderOptions): ReadValue {
  return read(root, [], [], options)
}

function read(
  node: unknown,
  path: Path,
  before: readonly CST.SourceToken[],
  options: ReaderOptions,
): ReadValue {
  if (isScalar(node)) return readScalar(node as Scalar.Parsed, path, before, options)
  if (isMap(node)) return readMap(node.items as Pair<Scalar.Parsed>[], spanOf(node), path, options)
  if (isSeq(node)) {
    const token = (node as { srcToken?: CST.Token }).srcToken
    const items = token?.type === 'block-seq' ? token.items : []
    const children = new Map<number, ValuePlace>()
    const value = node.items.map((item, index) => {
      const child = read(item, [...path, index], items[index]?.start ?? [], options)
      children.set(index, child.place)
      return child.value
    })
    return { value, place: { ...spanOf(node), children } }
  }
  return { value: null, place: { ...spanOf(node), children: NONE } }
}

function readMap(
  items: readonly Pair<Scalar.Parsed>[],
  span: { from: number; length: number },
  path: Path,
  options: ReaderOptions,
): ReadValue {
  // Without a prototype, `__proto__` is a name like any other.
  const value: Record<string, unknown> = Object.create(null)
  const hidesKeys = isSecretPath(path)
  const children = new Map<string, ValuePlace>()
  for (const pair of items) {
    const name = String(pair.key.value ?? '')
    const key = spanOf(pair.key)
    if (hidesKeys && !isReferenceKey(name)) options.hide(key.from, key.from + key.length)
    const sep = (pair as { srcToken?: CST.CollectionItem }).srcToken?.sep ?? []
    const child =
      pair.value === null
        ? { value: null, place: { ...key, children: NONE } }
        : read(pair.value, [...path, name], sep, options)
    if (name === '<<' && pair.key.type === 'PLAIN') {
      report('yaml/merge', 'expected no merge key', 'write the keys out')
    } else if (children.has(name)) {
      const quoted = hidesKeys ? 'it' : `"${short(name)}"`
      report('yaml/duplicate-key', `expected each key once, ${quoted} is written above`)
    } else {
      value[name] = child.value
      children.set(name, { ...child.place, key })
    }
    function report(rule: string, message: string, hint?: string) {
      const fault: Fault = { severity: 'error', rule, message, ...(hint ? { hint } : {}) }
      options.report(fault, key.from, key.length)
    }
  }
  return { value, place: { ...span, children } }
}

function readScalar(
  node: Scalar.Parsed,
  path: Path,
  before: readonly CST.SourceToken[],
  options: ReaderOptions,
): ReadValue {
  const span = spanOf(node)
  const secret = isSecret(path, node.value)
  if (secret) options.hide(span.from, span.from + span.length)
  const comment = node.source === '' && node.type === 'PLAIN' ? bracketComment(before) : undefined
  if (comment !== undefined) return recover(comment, options)
  const token = (node as { srcToken?: CST.Token }).srcToken as ScalarToken | undefined
  if (typeof node.value === 'string') {
    const { value, place } = readText(node.value, span, token, path, options)
    return { value, place: { ...place, secret } }
  }
  if (typeof node.value === 'number') checkNumber(node.value, node.source ?? '', span, options)
  if (node.type === 'PLAIN') noticeSurprise(node.source ?? '', span, path, options)
  return { value: node.value, place: { ...span, children: NONE, secret } }
}

function readText(
  written: string,
  span: { from: number; length: number },
  token: ScalarToken | undefined,
  path: Path,
  options: ReaderOptions,
): ReadValue {
  if (token?.type === 'scalar') noticeSurprise(written, span, path, options)
  let offsets: readonly number[] | undefined
  const source = (offset: number) => {
    offsets ??= token === undefined ? undefined : scalarOffsets(token, written)
    return offsets?.[Math.max(0, Math.min(offset, written.length))]
  }
  if (options.variable === undefined || !written.includes('$')) {
    return { value: written, place: { ...span, children: NONE, at: source } }
  }
  const { text, origin, changed, faults } = substitute(written, options.variable, {
    quotes: !isSecret(path, written),
    escapes: options.escapes ?? true,
  })
  for (const fault of faults) {
    const from = source(fault.offset ?? 0)
    const to = source((fault.offset ?? 0) + (fault.length ?? 0))
    const { offset: _offset, length: _length, ...rest } = fault
    if (from === undefined || to === undefined) options.report(rest, span.from, span.length)
    else options.report(rest, from, Math.max(1, to - from))
  }
  const at = (offset: number) => source(origin(offset))
  const substituted = { written, text }
  return { value: text, place: { ...span, children: NONE, at, ...(changed && { substituted }) } }
}

// The text of the comment is what was meant, so the expression in it is checked in the same run.
function recover(comment: CST.SourceToken, options: ReaderOptions): ReadValue {
  options.recovered(comment.offset)
  const value = comment.source.trimEnd()
  const at = (offset: number) => comment.offset + offset
  return { value, place: { from: comment.offset, length: value.length, children: NONE, at } }
}

function bracketComment(tokens: readonly CST.SourceToken[]): CST.SourceToken | undefined {
  return tokens.find((token) => token.type === 'comment' && token.source.startsWith('#['))
}

function noticeSurprise(
  written: string,
  span: { from: number; length: number },
  path: Path,
  options: ReaderOptions,
): void {
  if (surpriseOf(written) === undefined || options.isSwitch(path)) return
  const surprise = surpriseOf(written, !isSecret(path, written))
  if (surprise) options.report(surprise, span.from, span.length)
}

function checkNumber(
  value: number,
  written: string,
  span: { from: number; length: number },
  options: ReaderOptions,
): void {
  const report = (message: string) =>
    options.report(
      { severity: 'error', rule: 'yaml/number', message, hint: 'quote it to keep it as text' },
      span.from,
      span.length,
    )
  if (!Number.isFinite(value)) report('expected a number that JSON can hold')
  else if (/^[-+]?\d+$/.test(written) && !Number.isSafeInteger(value)) {
    report('expected a whole number between -2^53 and 2^53: this one would lose digits')
  }
}

function spanOf(node: unknown): { from: number; length: number } {
  const { range, flow } = node as { range?: [number, number, number]; flow?: boolean }
  const [from, to] = range ?? [0, 0]
  // A block collection begins with its first entry, which is not what a fault of the whole is about.
  const whole = isScalar(node) || flow === true
  return { from, length: whole ? Math.max(1, to - from) : 1 }
}

function short(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name
}
