import type { Criteria } from '../criteria.ts'
import type { Scope } from '../kind.ts'
import { nameHint } from '../nearest.ts'
import type { Policy } from '../policy.ts'
import { type RouteMatch, routesOf } from './bound-routes.ts'
import { type Reading, readingsOf } from './expression-texts.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** A segment of the path in an expression: `attributes.uriParams.id`, a name in backticks too. */
const READ = /(?<![\w.`$'"])attributes\.uriParams\.(?:([A-Za-z_]\w*)|`([^`]+)`)/g

/**
 * Warns of expressions that read a segment which neither the path of the policy nor that of a route whose requests it
 * may see has a name for: the value is always missing then.
 */
export function checkUriParams(
  routes: readonly RouteMatch[],
): (
  policy: Pick<Policy, 'routes' | 'criteria'>,
  readings: readonly Reading[],
  scope: Scope,
) => void {
  return (policy, readings, scope) => check(policy, readings, routes, scope)
}

/** Where the expressions of a policy read a segment. */
export function paramsRead(config: PolicyConfig): readonly Reading[] {
  return readingsOf(config, READ)
}

function check(
  policy: Pick<Policy, 'routes' | 'criteria'>,
  readings: readonly Reading[],
  routes: readonly RouteMatch[],
  scope: Scope,
): void {
  if (readings.length === 0) return
  const own = namesIn(policy.criteria)
  if (readings.every(({ found }) => own.includes(nameOf(found)))) return
  const others = routesOf(policy, routes).flatMap(({ criteria }) => namesIn(criteria))
  const names = [...new Set([...own, ...others])]
  for (const { path, found } of readings) {
    const [text] = found
    const name = nameOf(found)
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

function nameOf([, plain, quoted]: RegExpExecArray): string {
  return plain ?? quoted ?? ''
}

function namesIn({ path = [] }: Criteria): readonly string[] {
  return path.flatMap((segment) => (typeof segment === 'string' ? [] : segment.name))
}
