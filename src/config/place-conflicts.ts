import type { Criteria } from '../criteria.ts'
import type { Fault, Scope } from '../kind.ts'
import { areDisjoint, createPathTree, type PathTree } from '../match/index.ts'
import type { Policy } from '../policy.ts'
import type { Placement } from '../types.ts'
import type { RouteMatch } from './bound-routes.ts'
import type { CompiledPolicy } from './policy.ts'
import { createPolicyBuckets, type PolicyBuckets } from './policy-buckets.ts'
import { overlap, placementScope } from './policy-injections.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** A compiled policy and where it stands. */
export interface PlacedPolicy {
  readonly policy: CompiledPolicy
  readonly config: PolicyConfig
  readonly scope: Scope
}

interface Writer {
  readonly policy: Policy
  readonly placement: Placement
}

/**
 * Reports where a policy writes what an earlier one writes for the same request, and does not say with `overwrite`
 * what is to become of that. `policies` are in the order in which they apply; with `routes` left out, a route may take
 * any request. `turn` is called between two policies. True when there was nothing to report.
 */
export async function checkPlaces(
  policies: readonly PlacedPolicy[],
  routes: readonly RouteMatch[] = [],
  turn: () => Promise<void> | undefined,
): Promise<boolean> {
  let isFree = true
  const createBuckets = createPolicyBuckets(policies.map(({ policy }) => policy))
  const criteria = new Map(routes.map((route) => [route.name, route.criteria]))
  const writers = new Map<string, PathTree<PolicyBuckets<Writer>>>()
  for (const { policy, config, scope } of policies) {
    await turn()
    const { path = [] } = policy.criteria
    for (const [index, { placement, isDecided }] of policy.injections.entries()) {
      const group = groupOf(placement)
      if (group === undefined) continue
      const tree = writers.get(group) ?? createPathTree(() => createBuckets<Writer>())
      writers.set(group, tree)
      const isSame = (other: Writer) =>
        overlap(other.placement, placement) && mayMeet(other.policy, policy, criteria)
      const near = isDecided ? [] : tree.meeting(path).flatMap((buckets) => buckets.near(policy))
      const other = near.find(isSame)
      if (other) {
        isFree = false
        placementScope(config.inject, index, scope).report([], samePlace(other, placement))
      }
      tree.at(path).add(policy, { policy, placement })
    }
  }
  return isFree
}

/**
 * True when it is sure that there is nothing to report, as all but a few of `policies` are among those that were found
 * to be apart before.
 */
export function areApart(
  policies: readonly PlacedPolicy[],
  routes: readonly RouteMatch[] = [],
  apart: ReadonlySet<Policy>,
): boolean {
  const others = policies.flatMap(({ policy }, index) => (apart.has(policy) ? [] : index))
  if (others.length > FEW) return false
  const criteria = new Map(routes.map((route) => [route.name, route.criteria]))
  return others.every((at) => {
    const { policy } = policies[at] as PlacedPolicy
    return policies.every(({ policy: other }, index) =>
      index < at ? !collide(other, policy, criteria) : !collide(policy, other, criteria),
    )
  })
}

/** How many policies are cheaper to compare with every other than all with their likes. */
const FEW = 8

function collide(
  earlier: CompiledPolicy,
  later: CompiledPolicy,
  routes: ReadonlyMap<string, Criteria>,
): boolean {
  return later.injections.some(
    ({ placement, isDecided }) =>
      !isDecided &&
      mayMeet(earlier, later, routes) &&
      earlier.injections.some((other) => overlap(other.placement, placement)),
  )
}

/** What only placements of the same group can have in common; undefined for one that writes nothing. */
function groupOf({ place, clear }: Placement): string | undefined {
  const cleared = clear()
  if (cleared.removeBody) return 'body'
  return Object.keys(cleared).length > 0 ? place : undefined
}

function mayMeet(one: Policy, other: Policy, routes: ReadonlyMap<string, Criteria>): boolean {
  if (one === other || areDisjoint(one.criteria, other.criteria)) return false
  const shared = sharedRoutes(one, other)
  return (
    shared === undefined ||
    shared.some((name) => {
      const route = routes.get(name) ?? {}
      return !areDisjoint(one.criteria, route) && !areDisjoint(other.criteria, route)
    })
  )
}

/** Routes that both may be on; undefined for any. */
function sharedRoutes(one: Policy, other: Policy): readonly string[] | undefined {
  if (!one.routes || !other.routes) return one.routes ?? other.routes
  return one.routes.filter((name) => other.routes?.includes(name))
}

function samePlace({ policy, placement }: Writer, { place }: Placement): Fault {
  return {
    severity: 'error',
    rule: 'policy/same-place',
    message:
      place === placement.place
        ? `expected "overwrite" here: policy "${policy.name}" writes "${place}" before, for the same requests`
        : `expected "overwrite" here: policy "${policy.name}" writes "${placement.place}" before, which overlaps "${place}"`,
    hint: 'write overwrite: always to replace what is there, ifAbsent to keep it; or let match tell the two apart',
  }
}
