import type { Environment } from '../environment.ts'
import type { ContextMember, Json, RequestContext } from '../types.ts'
import { membersRead, type PlainPath, plainPath, traits } from './classify.ts'
import { constant } from './constant.ts'
import { compile } from './engine.ts'
import { toFailure } from './failure.ts'
import type { Limits } from './limits.ts'
import { lint } from './lint.ts'
import { compileNative } from './native/compile.ts'
import type { Operand } from './native/operand.ts'
import { readPath } from './path.ts'
import { toPlain } from './result.ts'
import { type Root, TOKEN_ROOTS } from './roots.ts'
import type { Source } from './split.ts'
import { ExpressionSyntaxError } from './syntax-error.ts'

/** How an expression is evaluated: not at all, by reading members, or by computing. */
export type Form = 'literal' | 'path' | 'general'

/** One stretch of a template: literal text, or a compiled expression. */
export interface Piece {
  /** Where it begins in the template's text. */
  readonly offset: number
  readonly form: Form
  readonly volatile: boolean
  readonly reads: ReadonlySet<ContextMember>
  evaluate(context: RequestContext): Json | undefined | Promise<Json | undefined>
}

const NOTHING: Piece['reads'] = new Set()

/** The same value for every request. */
export function fixedPiece(value: Json, offset = 0): Piece {
  return { offset, form: 'literal', volatile: false, reads: NOTHING, evaluate: () => value }
}

/** Compiles the expression of one `#[…]`. Throws ExpressionSyntaxError with an offset into the template. */
export function compilePiece(
  part: Source,
  environment: Environment,
  limits: Limits,
  roots: readonly Root[],
): Piece {
  const { source, offset } = part
  try {
    const { tree, evaluate } = compile(source, limits)
    lint(tree, source, roots)
    const folded = constant(tree)
    if (folded) return fixedPiece(toPlain(folded.value, limits.result) as Json, offset)
    const path = plainPath(tree)
    if (path) return pathPiece(path, offset, limits)
    const general = async (context: RequestContext) => {
      try {
        const scope = { environment, ...(context.body && { body: context.body }) }
        return toPlain(await evaluate(inputOf(context), scope), limits.result)
      } catch (error) {
        throw toFailure(error, offset)
      }
    }
    const native = compileNative(tree, limits.steps)
    const evaluation = native ? nativeFirst(native, general, limits) : general
    return { offset, form: 'general', ...traits(tree, roots), evaluate: evaluation }
  } catch (error) {
    throw error instanceof ExpressionSyntaxError ? error.shifted(offset) : error
  }
}

function pathPiece({ names, first }: PlainPath, offset: number, limits: Limits): Piece {
  return {
    offset,
    form: 'path',
    volatile: false,
    reads: new Set(membersRead(names)),
    evaluate(context) {
      try {
        return toPlain(readPath(context, names, limits.sequence, first), limits.result)
      } catch (error) {
        throw toFailure(error, offset)
      }
    },
  }
}

// What the native evaluation cannot tell, errors among it, JSONata does: from the beginning, as nothing has happened yet.
function nativeFirst(
  native: Operand,
  general: Piece['evaluate'],
  limits: Limits,
): Piece['evaluate'] {
  return (context) => {
    try {
      return toPlain(native(context), limits.result)
    } catch {
      return general(context)
    }
  }
}

// What an expression sees: the body's bytes are not part of it.
function inputOf(context: RequestContext): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const root of TOKEN_ROOTS) if (context[root] !== undefined) input[root] = context[root]
  return input
}
