import { CountersignError } from '../errors.ts'
import { TOKEN_ROOTS } from '../expression/index.ts'
import { escapeName } from '../json-pointer.ts'
import type { Scope } from '../kind.ts'
import type { RequestContext } from '../types.ts'
import { type ClaimPath, parsePointer } from './claim-path.ts'
import { chain, type Eventual } from './eventual.ts'
import { evaluateAt, type MemberPlace } from './member-place.ts'
import { compileValue, type Value } from './value.ts'

/** The name of a claim or header parameter, or the path to it. */
export interface MemberName extends Pick<Value, 'volatile' | 'reads'> {
  /** Absent when a request decides it. */
  readonly path?: ClaimPath
  readonly place: MemberPlace
  /** Throws `claim/missing`, `claim/type`, `expr/…`. */
  evaluate(context: RequestContext): Eventual<ClaimPath>
}

/**
 * Compiles a name as it is written; with `pointers`, one that is written with `/` in front is a JSON pointer
 * (RFC 6901). Undefined after an error was reported at `scope`.
 */
export function compileName(
  written: string,
  pointers: boolean,
  scope: Scope,
): MemberName | undefined {
  const isPointer = pointers && written.startsWith('/')
  // what an expression gives stays one name
  const value = compileValue(written, scope, TOKEN_ROOTS, isPointer ? escapeName : undefined)
  if (!value) return undefined
  const pathOf = isPointer ? parsePointer : (text: string) => [text]
  const { constant, volatile, reads } = value
  if (constant === undefined) {
    // What it gives is text of a request, so errors tell how it is written.
    const place = { claim: written, at: scope.locate([]) }
    return { volatile, reads, place, evaluate: (context) => compute(value, pathOf, context, place) }
  }
  const path = typeof constant === 'string' && constant !== '' ? pathOf(constant) : undefined
  if (!path) {
    scope.report([], { severity: 'error', ...(isPointer ? NO_POINTER : NO_TEXT) })
    return undefined
  }
  const place = { claim: String(constant), at: scope.locate([]) }
  return { path, volatile, reads, place, evaluate: () => path }
}

const NO_TEXT = { rule: 'claim/type', message: 'expected text as a name' }

const NO_POINTER = {
  rule: 'claim/name',
  message: 'expected a JSON pointer of names that are not empty, as the name begins with "/"',
  hint: 'write /org/id; within a name ~1 stands for "/" and ~0 for "~"',
}

function compute(
  value: Value,
  pathOf: (text: string) => ClaimPath | undefined,
  context: RequestContext,
  place: MemberPlace,
): Eventual<ClaimPath> {
  return chain(evaluateAt(value, context, place), (text) => {
    const path = typeof text === 'string' && text !== '' ? pathOf(text) : undefined
    if (path) return path
    const code = text === undefined ? 'claim/missing' : 'claim/type'
    const what = pathOf === parsePointer ? 'a JSON pointer' : 'text that is not empty'
    throw new CountersignError(code, `expected ${what} as a computed name`, place)
  })
}
