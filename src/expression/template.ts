import type { Environment } from '../environment.ts'
import { CountersignError } from '../errors.ts'
import type { ContextMember, Json, RequestContext } from '../types.ts'
import { LIMITS, type Limits } from './limits.ts'
import { compilePiece, type Form, fixedPiece, type Piece } from './piece.ts'
import { toPlain } from './result.ts'
import { ROOTS, type Root } from './roots.ts'
import { type Part, type Source, split } from './split.ts'
import { ExpressionSyntaxError } from './syntax-error.ts'

/** A text compiled once and evaluated for every request. */
export interface Template {
  readonly source: string
  /**
   * `literal`: the same for every request. `path`: reads members of the context directly. `general`: computes. The
   * first two answer at once; the last with a promise where JSONata runs.
   */
  readonly form: Form
  /** True when the text is one `#[…]`, whose result keeps its type; otherwise the result is a string. */
  readonly single: boolean
  /** True when two evaluations of one context may differ. */
  readonly volatile: boolean
  /** Members of the context that it reads, or may read; `body` for `$bodyHash`. */
  readonly reads: ReadonlySet<ContextMember>
  /**
   * The result as plain JSON, or undefined when the value is missing. Throws or rejects with `expr/failed`,
   * `expr/limit` or `claim/type`; `place.position` is an offset into `source`.
   */
  evaluate(context: RequestContext): Json | undefined | Promise<Json | undefined>
}

/** Writes text so that what it stands in does not take a part of it for its own syntax. */
export type Encode = (given: string) => string

/**
 * Compiles a text that may hold `#[…]`; its expressions take clock, ids and randomness from `environment`, and
 * read only `roots`. What they put into the text around them is encoded by `encode`; default: it stays as it is.
 * Throws ExpressionSyntaxError.
 */
export function parseTemplate(
  text: string,
  environment: Environment,
  roots: readonly Root[] = ROOTS,
  encode: Encode = same,
  limits: Limits = LIMITS,
): Template {
  const isShared = encode === same && limits === LIMITS && text.includes('#[')
  if (!isShared) return compile(text, environment, roots, encode, limits)
  const known = templatesOf(environment, roots)
  const template = known.get(text) ?? compile(text, environment, roots, encode, limits)
  known.set(text, template)
  return template
}

const same: Encode = (given) => given

/** Texts that are remembered: policies by the thousand read the same few things. */
const MOST = 2000

/** What was compiled before; all is forgotten now and then, as policies that are no more had texts of their own. */
const KNOWN = new WeakMap<Environment, WeakMap<readonly Root[], Map<string, Template>>>()

function templatesOf(environment: Environment, roots: readonly Root[]): Map<string, Template> {
  const byRoots = KNOWN.get(environment) ?? new WeakMap()
  const templates = byRoots.get(roots) ?? new Map<string, Template>()
  KNOWN.set(environment, byRoots.set(roots, templates))
  if (templates.size >= MOST) templates.clear()
  return templates
}

function compile(
  text: string,
  environment: Environment,
  roots: readonly Root[],
  encode: Encode,
  limits: Limits,
): Template {
  const parts = split(text, limits)
  const only = onlySource(parts)
  if (only) {
    const { offset: _, ...template } = compilePiece(only, environment, limits, roots)
    return { source: text, single: true, ...template }
  }
  const pieces = parts.map((part) => {
    if (typeof part === 'string') return fixedPiece(part)
    return encodedPiece(compilePiece(part, environment, limits, roots), encode)
  })
  return interpolation(text, pieces, limits)
}

// The line break that a YAML block scalar ends in does not make it a text around the expression.
function onlySource(parts: readonly Part[]): Source | undefined {
  const [first, last = '', ...rest] = parts
  const isOnly = rest.length === 0 && typeof last === 'string' && /^[\r\n]*$/.test(last)
  return isOnly && typeof first === 'object' ? first : undefined
}

function encodedPiece(piece: Piece, encode: Encode): Piece {
  const encoded = (value: Json | undefined) => (typeof value === 'string' ? encode(value) : value)
  return {
    ...piece,
    evaluate(context) {
      const value = piece.evaluate(context)
      return value instanceof Promise ? value.then(encoded) : encoded(value)
    },
  }
}

function interpolation(source: string, pieces: readonly Piece[], limits: Limits): Template {
  const common = {
    source,
    single: false,
    volatile: pieces.some((piece) => piece.volatile),
    reads: new Set(pieces.flatMap((piece) => [...piece.reads])),
  }
  const forms = pieces.map(({ form }) => form)
  const evaluate = (context: RequestContext) => {
    const values: (Json | undefined)[] = []
    for (const piece of pieces) {
      const value = piece.evaluate(context)
      if (value instanceof Promise) return awaited(values, value, context)
      values.push(value)
    }
    return join(pieces, values, limits)
  }
  const awaited = async (
    values: (Json | undefined)[],
    next: Promise<Json | undefined>,
    context: RequestContext,
  ) => {
    values.push(await next)
    for (const piece of pieces.slice(values.length)) values.push(await piece.evaluate(context))
    return join(pieces, values, limits)
  }
  if (forms.includes('general')) return { ...common, form: 'general', evaluate }
  if (forms.includes('path')) return { ...common, form: 'path', evaluate }
  const text = constantText(pieces)
  return { ...common, form: 'literal', evaluate: () => text }
}

function constantText(pieces: readonly Piece[]): string {
  return pieces
    .map(({ evaluate, offset }) => {
      const value = evaluate({} as RequestContext) as Json
      if (typeof value !== 'object') return String(value)
      throw new ExpressionSyntaxError(`expected ${INSIDE_TEXT}`, offset)
    })
    .join('')
}

function join(
  pieces: readonly Piece[],
  values: readonly (Json | undefined)[],
  limits: Limits,
): Json | undefined {
  if (values.includes(undefined)) return undefined
  const texts = values.map((value, index) => {
    if (typeof value !== 'object') return String(value)
    const position = pieces[index]?.offset ?? 0
    throw new CountersignError('expr/failed', `expected ${INSIDE_TEXT}`, { position })
  })
  return toPlain(texts.join(''), limits.result)
}

const INSIDE_TEXT = 'a string, number or boolean inside text'
