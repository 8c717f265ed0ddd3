import type { Compiled, Gateway, Matched, Route } from './compiled.ts'
import type { Environment } from './environment.ts'
import { CountersignError } from './errors.ts'
import { type Leftover, stillPublished } from './leftover-keys.ts'
import { createIndex, laxPath, laxSegments } from './match/index.ts'
import type { Policy } from './policy.ts'
import type { JsonObject, RequestHead } from './types.ts'

/** Creates a gateway that matches requests against `first` until the next `replace`. */
export function createGateway(
  first: Compiled,
  { monotonic }: Pick<Environment, 'monotonic'>,
): Gateway {
  let current = first
  let find = createFinder(first)
  let leftovers: readonly Leftover[] = []
  return {
    get compiled() {
      return current
    },
    get publicKeys() {
      const now = monotonic()
      const published = leftovers.filter(({ until }) => now < until).map(({ jwk }) => jwk)
      return [...keysOf(current), ...published]
    },
    match: (head) => find(head),
    replace(next) {
      const replaced = current
      const until = monotonic() + next.jwks.overlap
      const left = keysOf(replaced).map((jwk) => ({ jwk, until }))
      leftovers = stillPublished([...left, ...leftovers], keysOf(next), monotonic())
      current = next
      find = createFinder(next)
      for (const policy of replaced.policies) policy.close()
    },
  }
}

/** Finds the first route that takes a request, and the policies that apply to it there. */
function createFinder(compiled: Compiled): Gateway['match'] {
  const routes = createIndex(compiled.routes)
  // apart, so that neither routes nor policies multiply the others
  const everywhere = createIndex(compiled.policies.filter((policy) => !policy.routes))
  const bound = policiesByRoute(compiled.policies)
  const ranks = new Map(compiled.policies.map((policy, rank) => [policy, rank]))
  const rank = ({ entry }: Matched<Policy>) => ranks.get(entry) ?? 0
  const checkSpelling = createSpellingCheck(compiled.routes)
  return (head) => {
    const route = routes.first(head)
    if (!route) return undefined
    checkSpelling(head, route.entry)
    const here = bound.get(route.entry.name)?.all(head) ?? []
    const policies = [...everywhere.all(head), ...here].sort((a, b) => rank(a) - rank(b))
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

function policiesByRoute(policies: readonly Policy[]) {
  const lists = new Map<string, Policy[]>()
  for (const policy of policies) {
    for (const route of new Set(policy.routes)) {
      const list = lists.get(route)
      if (list) list.push(policy)
      else lists.set(route, [policy])
    }
  }
  return new Map([...lists].map(([route, bound]) => [route, createIndex(bound)]))
}

function keysOf({ policies }: Compiled): readonly JsonObject[] {
  return policies.flatMap((policy) => policy.publicKeys)
}
