import type { Policy } from '../policy.ts'
import { checkRouteNames, type RouteMatch } from './bound-routes.ts'
import { createCacheUseCheck } from './caches.ts'
import type { KeptPolicy } from './kept/index.ts'
import { createKeyIdCheck } from './key-id-check.ts'
import { areApart, checkPlaces, type PlacedPolicy } from './place-conflicts.ts'
import { DEFAULT_ORDER } from './policy.ts'
import type { PolicyConfig } from './policy-schema.ts'
import { checkTokenOrder, type WrittenPolicy } from './token-order.ts'
import { createNameCheck } from './unique-name.ts'
import { checkUriParams } from './uri-param-check.ts'

/** What is known about policies once they were checked against each other. */
export interface CheckedPolicies {
  /** The compiled ones, ascending by order, then by name. */
  readonly applied: readonly Policy[]
  /** Those of which no two write at one place; absent when some do. */
  readonly apart?: ReadonlySet<Policy>
}

/**
 * Checks policies against each other and against the routes; left out, any route may be meant. Those that were `apart`
 * on these routes before still are. `turn` is called between two policies.
 */
export async function checkPolicies(
  policies: readonly KeptPolicy[],
  routes: readonly RouteMatch[] | undefined,
  apart: ReadonlySet<Policy> | undefined,
  turn: () => Promise<void> | undefined,
): Promise<CheckedPolicies> {
  const checkName = createNameCheck('policy/duplicate-name', 'names the policy')
  const checkSaveAs = createNameCheck('policy/duplicate-save-as', 'names the token')
  const checkCacheUse = createCacheUseCheck()
  const checkKeyIds = createKeyIdCheck()
  const checkRoutes = checkRouteNames(routes)
  const checkParams = routes && checkUriParams(routes)
  const enabled: WrittenPolicy[] = []
  const placed: PlacedPolicy[] = []
  for (const { config, names, reads, compilation, scope } of policies) {
    await turn()
    checkName(names.name, scope, ['name'])
    if (config?.enabled !== false) checkCacheUse(names.cache, scope)
    if (!config || config.enabled === false) continue
    enabled.push({ config, scope, readings: reads.tokens })
    checkSaveAs(config.saveAs, scope, ['saveAs'])
    checkRoutes(config, scope)
    const compiled = compilation.result
    if (!compiled) continue
    placed.push({ policy: compiled, config, scope })
    checkKeyIds(compiled, config, scope)
    checkParams?.(compiled, reads.params, scope)
  }
  placed.sort((a, b) => inOrder(a.policy, b.policy))
  const isFree =
    (apart && areApart(placed, routes, apart)) || (await checkPlaces(placed, routes, turn))
  const maySave = policies.flatMap(({ config, names }) => (config ? [] : (names.saveAs ?? [])))
  enabled.sort((a, b) => inOrder(a.config, b.config))
  await checkTokenOrder(enabled, maySave, turn)
  const applied = placed.map(({ policy }) => policy)
  return { applied, ...(isFree && { apart: new Set(applied) }) }
}

/** Ascending by order, then by name. */
export function inOrder(a: Pick<PolicyConfig, 'name' | 'order'>, b: typeof a): number {
  return (a.order ?? DEFAULT_ORDER) - (b.order ?? DEFAULT_ORDER) || (a.name < b.name ? -1 : 1)
}
