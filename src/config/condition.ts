import { chain, compileExpression, type Eventual, evaluateAt, type Value } from '../claims/index.ts'
import { CountersignError } from '../errors.ts'
import type { Root } from '../expression/index.ts'
import type { Scope } from '../kind.ts'
import type { RequestContext } from '../types.ts'

/** An expression of a file that gives a boolean. */
export interface Condition extends Pick<Value, 'reads'> {
  /** Throws `expr/failed` for anything but a boolean, and what the expression throws. */
  holds(context: RequestContext): Eventual<boolean>
}

/** What a condition is called, and may read. */
export interface ConditionOptions {
  /** Its key in the file. */
  readonly key: 'when' | 'allow'
  readonly rule: string
  /** Default: what every expression sees. */
  readonly roots?: readonly Root[]
}

/** Compiles a condition; undefined after an error was reported. `scope` is that of its text. */
export function compileCondition(
  text: string,
  scope: Scope,
  { key, rule, roots }: ConditionOptions,
): Condition | undefined {
  const value = compileExpression(text, scope, roots)
  const message = `expected "${key}" to give a boolean`
  if (value?.constant !== undefined && typeof value.constant !== 'boolean') {
    scope.report([], { severity: 'error', rule, message })
    return undefined
  }
  const place = { claim: key, at: scope.locate([]) }
  return (
    value && {
      reads: value.reads,
      holds: (context) =>
        chain(evaluateAt(value, context, place), (result) => {
          if (typeof result === 'boolean') return result
          throw new CountersignError('expr/failed', message, place)
        }),
    }
  )
}
