import type { Compiled, Gateway, Match } from './types.ts'

/** Creates a gateway that matches requests against `first` until the next `replace`. */
export function createGateway(first: Compiled): Gateway {
  let current = first
  let bound = bind(first)
  return {
    match(head) {
      const found = bound.find(({ route }) => route.matches(head))
      if (!found) return undefined
      return { ...found, policies: found.policies.filter((policy) => policy.matches(head)) }
    },
    get vars() {
      return current.vars
    },
    get bodyLimit() {
      return current.bodyLimit
    },
    get policies() {
      return current.policies
    },
    get publicKeys() {
      return current.policies.flatMap((policy) => policy.publicKeys)
    },
    replace(next) {
      current = next
      bound = bind(next)
    },
  }
}

/** Each route with the policies that apply on it. */
function bind({ routes, policies }: Compiled): Match[] {
  return routes.map((route) => ({
    route,
    policies: policies.filter((policy) => (policy.route ?? route.name) === route.name),
  }))
}
