import { CountersignError } from '../errors.ts'
import { TOKEN_ROOTS } from '../expression/index.ts'
import type { Scope } from '../kind.ts'
import type { RequestContext } from '../types.ts'
import { convert } from './claim-type.ts'
import { chain, type Eventual } from './eventual.ts'
import { evaluateAt } from './member-place.ts'
import { registeredMismatch } from './registered.ts'
import { compileExpression, type Value } from './value.ts'

/** A claim that holds a NumericDate (RFC 7519 section 2). */
export type TimeClaim = 'iat' | 'nbf' | 'exp'

/** A time claim that an expression gives. */
export interface ComputedTime extends Pick<Value, 'volatile' | 'reads'> {
  readonly name: TimeClaim
  readonly scope: Scope
  /** NumericDate. Throws `claim/missing`, `claim/type`, `expr/…`. */
  evaluate(context: RequestContext): Eventual<number>
}

/** Compiles the expression of a time claim; undefined after a fault was reported at `scope`. */
export function compileTime(
  name: TimeClaim,
  expression: string,
  scope: Scope,
): ComputedTime | undefined {
  const value = compileExpression(expression, scope, TOKEN_ROOTS)
  if (!value) return undefined
  const { volatile, reads } = value
  const place = { claim: name, at: scope.locate([]) }
  return {
    name,
    scope,
    volatile,
    reads,
    evaluate: (context) =>
      chain(evaluateAt(value, context, place), (result) => {
        if (result === undefined) {
          throw new CountersignError('claim/missing', `expected a value for "${name}"`, place)
        }
        const date = convert(result, 'integer') ?? result
        const expected = registeredMismatch(name, date)
        if (!expected) return date as number
        throw new CountersignError('claim/type', `expected "${name}" to be ${expected}`, place)
      }),
  }
}
