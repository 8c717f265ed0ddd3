import type { Compiled } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import type { Policy } from '../policy.ts'
import { checkRouteNames, type RouteMatch } from './bound-routes.ts'
import { type CompileSurroundings, compilePolicies, type ReadPolicy } from './compile-policies.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { FlexApi } from './flex/index.ts'
import type { FollowedLinks } from './followed-links.ts'
import { createKeyIdCheck } from './key-id-check.ts'
import { checkPlaces } from './place-conflicts.ts'
import { DEFAULT_ORDER } from './policy.ts'
import { readPolicies } from './policy-documents.ts'
import { type PolicyConfig, policySchema } from './policy-schema.ts'
import { createScope } from './scope.ts'
import { checkTokenOrder, type WrittenPolicy } from './token-order.ts'
import { typeDocument } from './typed-document.ts'
import { createNameCheck } from './unique-name.ts'
import { checkUriParams } from './uri-param-check.ts'
import type { SourceDocument } from './yaml/index.ts'

/** What a policy path held. */
export interface LoadedPolicies {
  /** Enabled policies without an error, ascending by order, then by name. */
  readonly policies: readonly Policy[]
  /** The disabled ones, in the same order. */
  readonly disabled: Compiled['disabled']
  readonly diagnostics: readonly Diagnostic[]
  /** How many documents each file holds, by path. */
  readonly held: ReadonlyMap<string, number>
}

/** What the policies of one reading have around them. */
export interface PolicySurroundings extends CompileSurroundings {
  /** What `match.route` may name; left out, any route. */
  readonly routes?: readonly RouteMatch[] | undefined
  /** The ApiInstances of Flex files that the routes were made of; left out, the routes come from elsewhere. */
  readonly apis?: readonly FlexApi[] | undefined
  /** True when an earlier reading of the files serves. Default false. */
  readonly serving?: boolean | undefined
  /** Told the links that decide which files there are. */
  readonly follow?: FollowedLinks['follow'] | undefined
}

/**
 * Reads and compiles a policy file, or every policy file of a folder, and reports all faults at once. Rejects
 * with `UnreadableError` when the path cannot be looked at.
 */
export async function loadPolicies(
  path: string,
  environment: Environment,
  surroundings: PolicySurroundings = {},
): Promise<LoadedPolicies> {
  const { routes, serving } = surroundings
  const diagnostics: Diagnostic[] = []
  const bindings = { ...surroundings, routes: routes?.map(({ name }) => name) }
  const { documents, held } = await readPolicies(path, environment, bindings, diagnostics)
  const read = documents.map((document) => ({
    document,
    scope: createScope(document, environment, diagnostics, { serving }),
    config: typeDocument(policySchema, document, diagnostics),
  }))
  const placed = await compilePolicies(read, surroundings)

  const typed = read.filter(isTyped)
  const enabled = typed.filter(({ config }) => config.enabled !== false)
  checkNames(read, enabled)
  for (const { config, scope } of enabled) checkRouteNames(config, routes, scope)
  const checkKeyIds = createKeyIdCheck()
  for (const { policy, config, scope } of placed) {
    checkKeyIds(policy, config, scope)
    if (routes) checkUriParams(policy, config, routes, scope)
  }
  const applied = placed.toSorted((a, b) => inOrder(a.policy, b.policy))
  checkPlaces(applied, routes)
  const maySave = read.flatMap(({ config, document }) =>
    config ? [] : (writtenText(document, 'saveAs') ?? []),
  )
  checkTokenOrder(
    enabled.toSorted((a, b) => inOrder(a.config, b.config)),
    maySave,
  )
  const disabled = typed.filter(({ config }) => config.enabled === false)
  return {
    policies: applied.map(({ policy }) => policy),
    disabled: disabled
      .map(({ config: { name, order = DEFAULT_ORDER } }) => ({ name, order }))
      .toSorted(inOrder),
    diagnostics,
    held,
  }
}

function isTyped(policy: ReadPolicy): policy is ReadPolicy & WrittenPolicy {
  return policy.config !== undefined
}

/** Ascending by order, then by name. */
function inOrder(a: Pick<PolicyConfig, 'name' | 'order'>, b: typeof a): number {
  return (a.order ?? DEFAULT_ORDER) - (b.order ?? DEFAULT_ORDER) || (a.name < b.name ? -1 : 1)
}

/** Reports names of policies, and of tokens that they save, which are given twice. */
function checkNames(read: readonly ReadPolicy[], enabled: readonly WrittenPolicy[]): void {
  const checkName = createNameCheck('policy/duplicate-name', 'names the policy')
  for (const { config, document, scope } of read) {
    checkName(config?.name ?? writtenText(document, 'name'), scope, ['name'])
  }
  const checkSaveAs = createNameCheck('policy/duplicate-save-as', 'names the token')
  for (const { config, scope } of enabled) checkSaveAs(config.saveAs, scope, ['saveAs'])
}

function writtenText({ value }: SourceDocument, key: 'name' | 'saveAs'): string | undefined {
  const { [key]: text } = (value ?? {}) as Partial<Record<string, unknown>>
  return typeof text === 'string' ? text : undefined
}
