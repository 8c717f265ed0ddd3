import type { Environment } from '../environment.ts'
import type { Scope } from '../kind.ts'
import { nameHint } from '../nearest.ts'
import type { Policy } from '../types.ts'
import { createCacheChoice, type NamedCaches } from './caches.ts'
import type { Diagnostic } from './diagnostic.ts'
import { findPolicyFiles } from './files.ts'
import type { FollowedLinks } from './followed-links.ts'
import { inspectPolicy } from './inspect-policy.ts'
import { createKeyIdCheck } from './key-id-check.ts'
import { compilePolicy, DEFAULT_ORDER } from './policy.ts'
import { type PolicyConfig, policySchema } from './policy-schema.ts'
import type { PolicyOptions } from './policy-source.ts'
import { createScope } from './scope.ts'
import { checkTokenOrder, type WrittenPolicy } from './token-order.ts'
import { readDocuments, typeDocument } from './typed-document.ts'
import { createNameCheck } from './unique-name.ts'
import type { SourceDocument } from './yaml/index.ts'

/** What a policy path held. */
export interface LoadedPolicies {
  /** Enabled policies without an error, ascending by order, then by name. */
  readonly policies: readonly Policy[]
  readonly diagnostics: readonly Diagnostic[]
  /** How many documents each file holds, by path. */
  readonly held: ReadonlyMap<string, number>
}

/** What the policies of one reading have around them. */
export interface PolicySurroundings {
  /** Names that `match.route` may have; left out, any. */
  readonly routes?: readonly string[] | undefined
  /** Left out, any account may be meant. */
  readonly accounts?: PolicyOptions['accounts'] | undefined
  /** What `cache.name` may name; left out, any cache. */
  readonly caches?: NamedCaches | undefined
  /** True when an earlier reading of the files serves. Default false. */
  readonly serving?: boolean | undefined
  /** Told the links that decide which files there are. */
  readonly follow?: FollowedLinks['follow'] | undefined
  /** Default: nobody is told. */
  readonly onRenewalFailure?: PolicyOptions['onRenewalFailure'] | undefined
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
  const { routes, accounts, caches, serving, follow } = surroundings
  const { onRenewalFailure = () => undefined } = surroundings
  const options = { accounts, chooseCache: createCacheChoice(caches), onRenewalFailure }
  const diagnostics: Diagnostic[] = []
  const policies: Policy[] = []
  const written: WrittenPolicy[] = []
  const unfit: SourceDocument[] = []
  const held = new Map<string, number>()
  const checkName = createNameCheck('policy/duplicate-name', 'names the policy')
  const checkKeyIds = createKeyIdCheck()
  const checkSaveAs = createNameCheck('policy/duplicate-save-as', 'names the token')
  const { files } = await findPolicyFiles(path, follow)
  if (files.length === 0) diagnostics.push(emptyFolder(path))
  for (const file of files) {
    const documents = await readDocuments(file, environment, diagnostics)
    held.set(file, documents.length)
    for (const document of documents) {
      const scope = createScope(document, environment, diagnostics, { serving })
      const config = typeDocument(policySchema, document, diagnostics)
      checkName(config?.name ?? writtenText(document, 'name'), scope, ['name'])
      if (!config) {
        unfit.push(document)
        await inspectPolicy(document.value, scope, options)
        continue
      }
      if (config.enabled === false) {
        // it uses no cache, so others may
        const apart = { ...options, chooseCache: createCacheChoice(caches) }
        diagnostics.push(...(await disabledFindings(config, document, environment, apart)))
        continue
      }
      checkSaveAs(config.saveAs, scope, ['saveAs'])
      checkRoute(config, routes, scope)
      written.push({ config, scope })
      const policy = await compilePolicy(config, scope, options)
      if (!policy) continue
      checkKeyIds(policy, config, scope)
      policies.push(policy)
    }
  }
  policies.sort(inOrder)
  const maySave = unfit.flatMap((document) => writtenText(document, 'saveAs') ?? [])
  checkTokenOrder(
    written.toSorted((a, b) => inOrder(a.config, b.config)),
    maySave,
  )
  return { policies, diagnostics, held }
}

/** Ascending by order, then by name. */
function inOrder(a: Pick<PolicyConfig, 'name' | 'order'>, b: typeof a): number {
  return (a.order ?? DEFAULT_ORDER) - (b.order ?? DEFAULT_ORDER) || (a.name < b.name ? -1 : 1)
}

/** What would be wrong with a disabled policy, as warnings: it must not keep the others from serving. */
async function disabledFindings(
  config: PolicyConfig,
  document: SourceDocument,
  environment: Environment,
  options: PolicyOptions,
): Promise<Diagnostic[]> {
  const findings: Diagnostic[] = []
  await compilePolicy(
    config,
    createScope(document, environment, findings, { inert: true }),
    options,
  )
  return findings.map((finding) =>
    finding.severity === 'error' ? { ...finding, severity: 'warning' } : finding,
  )
}

function writtenText({ value }: SourceDocument, key: 'name' | 'saveAs'): string | undefined {
  const { [key]: text } = (value ?? {}) as Partial<Record<string, unknown>>
  return typeof text === 'string' ? text : undefined
}

function checkRoute(
  { match }: PolicyConfig,
  routes: readonly string[] | undefined,
  scope: Scope,
): void {
  if (match?.route === undefined || !routes || routes.includes(match.route)) return
  scope.report(['match', 'route'], {
    severity: 'error',
    rule: 'policy/unknown-route',
    message: `expected the name of a route, "${match.route}" is none`,
    hint: nameHint(match.route, routes, 'routes', 'leave it out: there are no routes'),
  })
}

function emptyFolder(path: string): Diagnostic {
  return {
    file: path,
    line: 1,
    column: 1,
    severity: 'warning',
    rule: 'policy/none',
    message: 'expected a policy file, the folder holds none',
    hint: 'policy files end in .yaml or .yml',
  }
}
