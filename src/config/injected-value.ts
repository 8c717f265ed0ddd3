import { compileValue, evaluateAt, type Value } from '../claims/index.ts'
import { asCountersignError, CountersignError, withPlace } from '../errors.ts'
import type { Scope } from '../kind.ts'
import { Secret } from '../secret.ts'
import type { Json, Placement, RequestContext, RequestPatch } from '../types.ts'

/** A text of a policy that goes to a place instead of the policy's credential. */
export interface InjectedValue {
  readonly reads: Value['reads']
  /**
   * The change that puts it there, for a request. Rejects with `claim/missing`, `claim/type`, `expr/…`, and with
   * what `placement.put` throws.
   */
  put(context: RequestContext): Promise<Partial<RequestPatch>>
}

/** Compiles the `value` of an `inject` entry, whose scope is `scope`; undefined after a fault was reported. */
export function compileInjectedValue(
  text: string,
  placement: Placement,
  scope: Scope,
): InjectedValue | undefined {
  const value = compileValue(text, scope.at('value'))
  if (!value) return undefined
  const place = { claim: 'inject.value', at: scope.locate(['value']) }
  if (value.constant !== undefined && !isPlaceable(value.constant, placement, scope)) {
    return undefined
  }
  return {
    reads: value.reads,
    async put(context) {
      const found = await evaluateAt(value, context, place)
      try {
        return placement.put(textOf(found))
      } catch (error) {
        throw withPlace(error, place)
      }
    },
  }
}

/** A number or boolean as its JSON text. */
function textOf(value: Json | undefined): Secret {
  if (value === undefined) {
    throw new CountersignError('claim/missing', 'expected a value for "inject.value"')
  }
  if (typeof value === 'object') {
    const message = 'expected "inject.value" to be a string, number or boolean'
    throw new CountersignError('claim/type', message)
  }
  return new Secret(String(value))
}

/** What is the same for every request fails now, not at each of them. */
function isPlaceable(constant: Json, placement: Placement, scope: Scope): boolean {
  try {
    placement.put(textOf(constant))
    return true
  } catch (error) {
    const { code, message } = asCountersignError(error)
    scope.report(['value'], { severity: 'error', rule: code, message })
    return false
  }
}
