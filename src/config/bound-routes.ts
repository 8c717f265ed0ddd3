import type { Route } from '../compiled.ts'
import type { Scope } from '../kind.ts'
import { areDisjoint } from '../match/index.ts'
import { nameHint } from '../nearest.ts'
import type { Policy } from '../policy.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** A route as far as policies are concerned. */
export type RouteMatch = Pick<Route, 'name' | 'criteria'>

/** Reports a name in `match.route` that no route has; with `routes` left out, any may be meant. */
export function checkRouteNames(
  routes: readonly RouteMatch[] | undefined,
): (config: PolicyConfig, scope: Scope) => void {
  const names = new Set(routes?.map(({ name }) => name))
  return ({ match }, scope) => {
    if (match?.route === undefined || !routes) return
    for (const [index, name] of [match.route].flat().entries()) {
      if (names.has(name)) continue
      const at = Array.isArray(match.route) ? ['route', index] : ['route']
      scope.report(['match', ...at], {
        severity: 'error',
        rule: 'policy/unknown-route',
        message: `expected the name of a route, "${name}" is none`,
        hint: nameHint(name, [...names], 'routes', 'leave it out: there are no routes'),
      })
    }
  }
}

/** The routes whose requests a policy may see. */
export function routesOf(
  { routes: bound, criteria }: Pick<Policy, 'routes' | 'criteria'>,
  routes: readonly RouteMatch[],
): readonly RouteMatch[] {
  return routes.filter(
    (route) => (bound?.includes(route.name) ?? true) && !areDisjoint(criteria, route.criteria),
  )
}
