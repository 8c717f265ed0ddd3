import { chain, type Eventual } from '../claims/index.ts'
import { CountersignError, withPlace } from '../errors.ts'
import type { BeforePolicy, Policy, PolicyResult } from '../policy.ts'
import type { RequestContext } from '../types.ts'
import type { Injection, Parts } from './policy-parts.ts'
import { createPutting } from './policy-putting.ts'

/** Makes the one thing that a policy does to a request out of its parts. */
export function createEvaluation(parts: Parts): Policy['evaluate'] {
  const { config, source, injections, when } = parts
  const { name: policy, onFailure } = config
  const isUsedElsewhere = config.saveAs !== undefined || parts.exposeIn !== undefined
  const isAlwaysOpen = injections.every(({ overwrite }) => overwrite === 'always')
  const cleared = injections
    .filter(({ overwrite }) => overwrite !== 'ifAbsent')
    .map(({ placement }) => placement.clear())
  const skipped: PolicyResult = { policy, applied: false, patches: cleared, places: [] }
  const put = createPutting(parts)

  function apply(context: RequestContext, before: BeforePolicy): Eventual<PolicyResult> {
    const open = isAlwaysOpen
      ? injections
      : injections.filter((injection) => isOpen(injection, context, before))
    const isNeeded = isUsedElsewhere || open.some(({ value }) => !value)
    if (!source || !isNeeded) return put(open, undefined, context)
    return chain(source.issue(context), (credential) => put(open, credential, context))
  }
  function fail(error: unknown): PolicyResult {
    const failure = withPlace(error, { policy })
    if (onFailure !== 'passThrough') throw failure
    return { ...skipped, failure }
  }
  return (context, before = { taken: new Set(), head: context.attributes }) => {
    try {
      const result = when
        ? chain(when.holds(context), (holds) => (holds ? apply(context, before) : skipped))
        : apply(context, before)
      return result instanceof Promise ? result.catch(fail) : result
    } catch (error) {
      return fail(error)
    }
  }
}

function isOpen(
  { placement, overwrite }: Injection,
  context: RequestContext,
  { taken, head }: BeforePolicy,
): boolean {
  if (overwrite === 'ifAbsent' && isTaken(placement.place, taken)) return false
  if (overwrite === 'always') return true
  if (!placement.occupied({ ...context, attributes: head })) return true
  if (overwrite === 'ifAbsent') return false
  const message = `expected no value from the client at "${placement.place}"`
  throw new CountersignError('inject/occupied', message)
}

// A member of the body is taken together with what it lies in, and with what lies in it.
function isTaken(place: string, taken: ReadonlySet<string>): boolean {
  if (taken.has(place) || !place.startsWith('body:/')) return taken.has(place)
  const isWithin = (inner: string, outer: string) => inner.startsWith(`${outer}/`)
  return [...taken].some((other) => isWithin(place, other) || isWithin(other, place))
}
