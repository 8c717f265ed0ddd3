import { asCountersignError } from '../errors.ts'
import type { Scope } from '../kind.ts'
import type { ContextMember, RequestContext } from '../types.ts'
import type { Eventual } from './eventual.ts'
import type { Value } from './value.ts'

/** A part of a token that is computed from a request. */
export interface Computed<Result> extends Pick<Value, 'volatile' | 'reads'> {
  /** True when `settled` gives every request the same: the same object then. */
  readonly constant: boolean
  /** Where something stands that both is volatile and reads the request: no two requests may share it. */
  readonly unshared: readonly Scope[]
  evaluate(context: RequestContext): Eventual<Result>
  /** As `evaluate`, without what is volatile. */
  settled(context: RequestContext): Eventual<Result>
  /** Reports what fails in every request, as it reads nothing of one, at its place. */
  prove(own: Own): Promise<void>
}

/** What is known of a context before there is a request. */
export type Own = Pick<RequestContext, 'account' | 'key'>

/** One value of a part, and where it stands. */
interface Provable extends Pick<Value, 'volatile' | 'reads'> {
  readonly scope: Scope
  evaluate(context: RequestContext): Eventual<unknown>
}

/** `prove` of a part that has these values. */
export async function proveAll(values: readonly Provable[], own: Own): Promise<void> {
  for (const { volatile, reads, scope, evaluate } of values) {
    if (volatile || ![...reads].every((member) => member === 'account' || member === 'key'))
      continue
    try {
      // it reads nothing else
      await evaluate(own as RequestContext)
    } catch (error) {
      const { code: rule, message } = asCountersignError(error)
      scope.report([], { severity: 'error', rule, message })
    }
  }
}

const REQUEST_FREE: ReadonlySet<ContextMember> = new Set(['vars', 'account', 'key'])

/** True when what is read is the same for every request. */
export function readsNoRequest(reads: Value['reads']): boolean {
  return [...reads].every((member) => REQUEST_FREE.has(member))
}

/** True for a value that neither may be left out of a cache key nor stand in one. */
export function isUnshared({ volatile, reads }: Pick<Value, 'volatile' | 'reads'>): boolean {
  return volatile && !readsNoRequest(reads)
}
