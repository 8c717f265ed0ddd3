import type { Compiled, Gateway, Matched, Route } from './compiled.ts'
import type { Environment } from './environment.ts'
import { CountersignError } from './errors.ts'
import { createPublishedKeys } from './leftover-keys.ts'
import { buildIndex, createIndex, laxPath, laxSegments, type MatchIndex } from './match/index.ts'
import type { Policy } from './policy.ts'
import type { JsonObject, RequestHead } from './types.ts'

/** Creates a gateway that matches requests against `first` until the next `replace`. */
export function createGateway(
  first: Compiled,
  { monotonic }: Pick<Environment, 'monotonic'>,
): Gateway {
  let current = first
  let find = finderOf(first)
  const prepared = new WeakMap<Compiled, Find>()
  const published = createPublishedKeys(keysOf(first), monotonic)
  return {
    get compiled() {
      return current
    },
    get publicKeys() {
      return published.now()
    },
    match: (head) => find(head),
    async prepare(next, turn) {
      const steps = buildFinder(next)
      let step = steps.next()
      while (!step.done) {
        await turn()
        step = steps.next()
      }
      prepared.set(next, step.value)
    },
    replace(next) {
      const replaced = current
      published.replace(keysOf(next), next.jwks.overlap)
      current = next
      find = prepared.get(next) ?? finderOf(next)
      const kept = new Set(next.policies)
      for (const policy of replaced.policies) if (!kept.has(policy)) policy.close()
    },
  }
}

type Find = Gateway['match']

function finderOf(compiled: Compiled): Find {
  const steps = buildFinder(compiled)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/**
 * Builds, step by step, what finds the first route that takes a request, and the policies that apply to it there.
 */
function* buildFinder(compiled: Compiled): Generator<void, Find> {
  const routes = yield* buildIndex(compiled.routes)
  // apart, so that neither routes nor policies multiply the others
  const everywhere = yield* buildIndex(compiled.policies.filter((policy) => !policy.routes))
  const bound = yield* policiesByRoute(compiled.policies)
  const ranks = new Map(compiled.policies.map((policy, rank) => [policy, rank]))
  const rank = ({ entry }: Matched<Policy>) => ranks.get(entry) ?? 0
  const checkSpelling = createSpellingCheck(compiled.routes)
  return (head) => {
    const route = routes.first(head)
    if (!route) return undefined
    checkSpelling(head, route.entry)
    const all = everywhere.all(head)
    const here = bound.get(route.entry.name)?.all(head)
    if (!here || here.length === 0) return { compiled, route, policies: all }
    const policies = all.length === 0 ? here : [...all, ...here].sort((a, b) => rank(a) - rank(b))
    return { compiled, route, policies }
  }
}

/**
 * Refuses, with `request/ambiguous-path`, a path that some server reads as that of a route which does not let every
 * caller pass, when an earlier one of these would have been found by that reading.
 */
function createSpellingCheck(routes: readonly Route[]): (head: RequestHead, found: Route) => void {
  const closed = routes.flatMap((route, rank) => {
    const { path = [] } = route.criteria
    return route.admission.isOpen
      ? []
      : [{ rank, criteria: { ...route.criteria, path: laxSegments(path) } }]
  })
  if (closed.length === 0) return () => undefined
  const index = createIndex(closed)
  const ranks = new Map(routes.map((route, rank) => [route, rank]))
  return (head, found) => {
    const meant = index.first({ ...head, requestPath: laxPath(head.requestPath) })
    if (!meant || meant.entry.rank >= (ranks.get(found) ?? 0)) return
    throw new CountersignError(
      'request/ambiguous-path',
      'expected a path that no server reads as one of a route that asks its callers',
    )
  }
}

function* policiesByRoute(policies: readonly Policy[]) {
  const lists = new Map<string, Policy[]>()
  for (const policy of policies) {
    for (const route of new Set(policy.routes)) {
      const list = lists.get(route)
      if (list) list.push(policy)
      else lists.set(route, [policy])
    }
  }
  const indexes = new Map<string, MatchIndex<Policy>>()
  for (const [route, bound] of lists) indexes.set(route, yield* buildIndex(bound))
  return indexes
}

function keysOf({ policies }: Compiled): readonly JsonObject[] {
  return policies.flatMap((policy) => policy.publicKeys)
}
