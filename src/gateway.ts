import type { Compiled, Gateway, Match } from './compiled.ts'
import type { Environment } from './environment.ts'
import { type Leftover, stillPublished } from './leftover-keys.ts'
import type { JsonObject } from './types.ts'

/** Creates a gateway that matches requests against `first` until the next `replace`. */
export function createGateway(
  first: Compiled,
  { monotonic }: Pick<Environment, 'monotonic'>,
): Gateway {
  let current = first
  let bound = bind(first)
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
    match(head) {
      const found = bound.find(({ route }) => route.matches(head))
      if (!found) return undefined
      return { ...found, policies: found.policies.filter((policy) => policy.matches(head)) }
    },
    replace(next) {
      const replaced = current
      const until = monotonic() + next.jwks.overlap
      const left = keysOf(replaced).map((jwk) => ({ jwk, until }))
      leftovers = stillPublished([...left, ...leftovers], keysOf(next), monotonic())
      current = next
      bound = bind(next)
      for (const policy of replaced.policies) policy.close()
    },
  }
}

/** Each route with the policies that apply on it. */
function bind(compiled: Compiled): Match[] {
  const { routes, policies } = compiled
  return routes.map((route) => ({
    compiled,
    route,
    policies: policies.filter((policy) => (policy.route ?? route.name) === route.name),
  }))
}

function keysOf({ policies }: Compiled): readonly JsonObject[] {
  return policies.flatMap((policy) => policy.publicKeys)
}
