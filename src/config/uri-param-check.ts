import type { Criteria } from '../criteria.ts'
import type { Scope } from '../kind.ts'
import { nameHint } from '../nearest.ts'
import type { Policy } from '../policy.ts'
import { type RouteMatch, routesOf } from './bound-routes.ts'
import { readingsOf } from './expression-texts.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** A segment of the path in an expression: `attributes.uriParams.id`, a name in backticks too. */
const READ = /(?<![\w.`$'"])attributes\.uriParams\.(?:([A-Za-z_]\w*)|`([^`]+)`)/g

/**
 * Warns of expressions that read a segment which neither the path of the policy nor that of a route whose requests it
 * may see has a name for: the value is always missing then.
 */
export function checkUriParams(
  policy: Pick<Policy, 'routes' | 'criteria'>,
  config: PolicyConfig,
  routes: readonly RouteMatch[],
  scope: Scope,
): void {
  const readings = readingsOf(config, READ)
  if (readings.length === 0) return
  const patterns = [policy, ...routesOf(policy, routes)]
  const names = [...new Set(patterns.flatMap(({ criteria }) => namesIn(criteria)))]
  for (const { path, found } of readings) {
    const [text, plain, quoted] = found
    const name = plain ?? quoted ?? ''
    if (names.includes(name)) continue
    scope.report(path, {
      severity: 'warning',
      rule: 'policy/unknown-uri-param',
      message: `expected a name that match.path gives a segment, "${name}" is none`,
      hint: nameHint(name, names, 'names', `write {${name}} for a segment in match.path`),
      offset: found.index,
      length: text.length,
    })
  }
}

function namesIn({ path = [] }: Criteria): readonly string[] {
  return path.flatMap((segment) => (typeof segment === 'string' ? [] : segment.name))
}
