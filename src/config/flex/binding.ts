import type { Path } from '../../kind.ts'
import { nameHint } from '../../nearest.ts'
import { kebabName } from '../kebab-name.ts'
import { type FlexApi, type FlexTarget, targetId } from './apis.ts'
import type { Draft } from './draft.ts'
import type { FlexEntry } from './entries.ts'

/** What policies can be bound to. */
export interface FlexSurroundings {
  /** The ApiInstances that say where requests go; absent when something else does. */
  readonly apis?: readonly FlexApi[] | undefined
  /** Names of the routes that do; absent: not known. */
  readonly routes?: readonly string[] | undefined
}

/** The routes a policy is bound to. */
interface Binding extends Partial<FlexTarget> {
  /** True when it has none, and that was reported. */
  readonly isLost?: true
  /** Where the Flex document says so. */
  readonly at: Path
}

/**
 * The routes of a policy's target. Undefined when it has none, as in a list of policies: then it applies on every
 * route. A target that is not there is reported; it must not widen to all routes, or a credential goes where it should not.
 */
export function bindingRoutes(
  { target }: FlexEntry,
  { apis, routes }: FlexSurroundings,
  draft: Draft,
): Binding | undefined {
  if (!target) return undefined
  const { name, namespace, at } = target
  if (apis) {
    const targets = new Map(apis.flatMap((api) => [...api.targets]))
    const found = targets.get(targetId(name, namespace))
    if (found) return { ...found, at }
    // what is wrong with an ApiInstance itself was said there
    if (at[0] !== 'metadata')
      draft.report(at, unknown(name, [...targets.keys()].map(withoutNamespace)))
    return { at, isLost: true }
  }
  const route = kebabName(name, 'flex')
  if (routes?.includes(route)) return { routes: [route], at }
  if (routes !== undefined && routes.length > 1) draft.report(at, unknown(name, routes))
  else draft.report(at, everywhere(name))
  return undefined
}

function unknown(name: string, names: readonly string[]) {
  return {
    severity: 'error',
    rule: 'flex/target',
    message: `expected an ApiInstance, a service or a route, "${name}" is none`,
    hint: nameHint(name, [...new Set(names)], 'targets', 'add the ApiInstance to the folder'),
  } as const
}

function everywhere(name: string) {
  return {
    severity: 'notice',
    rule: 'flex/target',
    message: `"${name}" is not there: the policy applies to every request of the one route`,
  } as const
}

function withoutNamespace(id: string): string {
  return id.replace(/^default\//, '')
}
