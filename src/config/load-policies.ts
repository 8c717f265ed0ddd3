import type { Environment } from '../environment.ts'
import type { Path, Scope } from '../kind.ts'
import type { Policy } from '../types.ts'
import type { Diagnostic } from './diagnostic.ts'
import { findPolicyFiles } from './files.ts'
import { compilePolicy, inspectPolicy } from './policy.ts'
import { type PolicyConfig, policySchema } from './policy-schema.ts'
import { createScope } from './scope.ts'
import { readDocuments, typeDocument } from './typed-document.ts'
import type { SourceDocument } from './yaml/index.ts'

/** What a policy path held. */
export interface LoadedPolicies {
  /** Enabled policies without an error, ascending by order, then by name. */
  readonly policies: readonly Policy[]
  readonly diagnostics: readonly Diagnostic[]
  /** How many documents each file holds, by path. */
  readonly held: ReadonlyMap<string, number>
}

/**
 * Reads and compiles a policy file, or every policy file of a folder, and reports all faults at once.
 * `routes` are the names that `match.route` may have; left out, any. Rejects with `UnreadableError` when
 * the path cannot be looked at.
 */
export async function loadPolicies(
  path: string,
  environment: Environment,
  routes?: readonly string[],
): Promise<LoadedPolicies> {
  const diagnostics: Diagnostic[] = []
  const policies: Policy[] = []
  const held = new Map<string, number>()
  const checkName = uniqueness('policy/duplicate-name', 'names the policy')
  const checkSaveAs = uniqueness('policy/duplicate-save-as', 'names the token')
  const { files } = await findPolicyFiles(path)
  if (files.length === 0) diagnostics.push(emptyFolder(path))
  for (const file of files) {
    const documents = await readDocuments(file, environment, diagnostics)
    held.set(file.path, documents.length)
    for (const document of documents) {
      const scope = createScope(document, environment, diagnostics)
      const config = typeDocument(policySchema, document, diagnostics)
      checkName(config?.name ?? writtenName(document), scope, ['name'])
      if (!config) {
        await inspectPolicy(document.value, scope)
        continue
      }
      if (config.enabled === false) {
        diagnostics.push(...(await disabledFindings(config, document, environment)))
        continue
      }
      checkSaveAs(config.saveAs, scope, ['saveAs'])
      checkRoute(config, routes, scope)
      const policy = await compilePolicy(config, scope)
      if (policy) policies.push(policy)
    }
  }
  policies.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))
  return { policies, diagnostics, held }
}

/** What would be wrong with a disabled policy, as warnings: it must not keep the others from serving. */
async function disabledFindings(
  config: PolicyConfig,
  document: SourceDocument,
  environment: Environment,
): Promise<Diagnostic[]> {
  const findings: Diagnostic[] = []
  await compilePolicy(config, createScope(document, environment, findings))
  return findings.map((finding) =>
    finding.severity === 'error' ? { ...finding, severity: 'warning' } : finding,
  )
}

function writtenName({ value }: SourceDocument): string | undefined {
  const { name } = (value ?? {}) as { readonly name?: unknown }
  return typeof name === 'string' ? name : undefined
}

/** Gives a function that reports a name which was given to it before. */
function uniqueness(rule: string, verb: string) {
  const places = new Map<string, string>()
  return (name: string | undefined, scope: Scope, path: Path): void => {
    if (name === undefined) return
    const earlier = places.get(name)
    places.set(name, earlier ?? scope.locate(path))
    if (earlier === undefined) return
    scope.report(path, {
      severity: 'error',
      rule,
      message: `expected a name of its own, "${name}" ${verb} at ${earlier}`,
      hint: 'choose another name',
    })
  }
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
    hint: routes.length > 0 ? `routes: ${routes.join(', ')}` : 'leave it out: there are no routes',
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
