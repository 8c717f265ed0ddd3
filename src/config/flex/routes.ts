import type { Fault, Path } from '../../kind.ts'
import { createNames, kebabName } from '../kebab-name.ts'
import type { Draft } from './draft.ts'
import type { FlexApiResource, FlexRoute } from './resource-schema.ts'
import { rewriteOf } from './rewrite.ts'
import { type PlacedRule, placedRules, putRules } from './rules.ts'

/** A route of ours before it has a name: rules of one Flex route that rewrite alike. */
interface PlannedRoute {
  readonly service: string
  /** Where its service's address stands, and its own configuration. */
  readonly addressAt: Path
  readonly url: string
  /** What is left out of the path; it begins with the base path. */
  readonly prefix: string
  readonly rules: readonly PlacedRule[]
  readonly at: Path
}

/** Puts the routes of an ApiInstance into `draft`, and gives their names by service. */
export function putRoutes(
  api: string,
  { spec }: FlexApiResource,
  basePath: string,
  draft: Draft,
): ReadonlyMap<string, readonly string[]> {
  const planned = Object.entries(spec.services ?? {}).flatMap(([service, { address, routes }]) => {
    const at = ['spec', 'services', service]
    const written: readonly FlexRoute[] = routes?.length ? routes : [{}]
    return written.flatMap(({ config, rules }, index) => {
      const routeAt = written === routes ? [...at, 'routes', index] : at
      const url = address.replace(/\/+$/, '') + (config?.destinationPath ?? '')
      const placed = placedRules(rules, [...routeAt, 'rules'])
      const common = { service, addressAt: [...at, 'address'], url, at: routeAt }
      return byPrefix(placed, draft).map(([prefix, alike]) => {
        return { ...common, prefix: basePath + prefix, rules: alike }
      })
    })
  })
  const names = new Map<string, string[]>()
  const number = createNames()
  for (const [index, route] of planned.entries()) {
    const name = planned.length === 1 ? api : number(`${api}-${kebabName(route.service, 'flex')}`)
    names.set(route.service, [...(names.get(route.service) ?? []), name])
    putRoute(index, name, route, basePath, draft)
  }
  return names
}

function putRoute(
  index: number,
  name: string,
  { addressAt, url, prefix, rules, at }: PlannedRoute,
  basePath: string,
  draft: Draft,
): void {
  const path = ['routes', index]
  draft.put([...path, 'name'], name, at)
  if (prefix !== '') draft.put([...path, 'match', 'path'], prefix, ['spec', 'address'])
  putRules([...path, 'match', 'rules'], rules, basePath, draft)
  draft.put([...path, 'upstream', 'url'], url, addressAt)
  if (prefix !== '') draft.put([...path, 'upstream', 'stripPrefix'], true, at)
  // there, a request that no policy applies to is forwarded as it is
  draft.put([...path, 'unmatched'], 'forward', at)
}

/** The rules of one route by what their capture groups take off the path; a rewriting of another kind is reported. */
function byPrefix(rules: readonly PlacedRule[], draft: Draft): (readonly [string, PlacedRule[]])[] {
  if (rules.length === 0) return [['', []]]
  const groups = new Map<string, PlacedRule[]>()
  for (const placed of rules) {
    const { path } = placed.rule
    const at = [...placed.from, 'path']
    const rewrite = path === undefined ? undefined : rewriteOf(path)
    if (rewrite?.kind === 'other') {
      draft.report(at, { ...REWRITE, offset: rewrite.offset, length: rewrite.length })
      continue
    }
    if (rewrite?.hasDot) draft.report(at, DOT)
    const prefix = rewrite?.prefix ?? ''
    groups.set(prefix, [...(groups.get(prefix) ?? []), placed])
  }
  return [...groups]
}

const REWRITE: Fault = {
  severity: 'error',
  rule: 'flex/rewrite',
  message: 'expected capture groups that only leave out a prefix, as in /api(/.*)',
  hint: 'write ^PREFIX(/.*)$ with a literal PREFIX, (?:…) for groups that rewrite nothing, and destinationPath',
}

const DOT: Fault = {
  severity: 'notice',
  rule: 'flex/rewrite',
  message: 'the dot before the capture group is taken for a dot, not for any character',
  hint: String.raw`write \.`,
}
