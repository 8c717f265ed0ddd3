import type { Environment } from '../environment.ts'
import type { Diagnostic } from './diagnostic.ts'
import { fewAtOnce } from './few-at-once.ts'
import { findPolicyFiles } from './files.ts'
import { type FlexApi, flexApis, flexPolicies, isFlex } from './flex/index.ts'
import type { FollowedLinks } from './followed-links.ts'
import { typeGateway } from './gateway-file.ts'
import { readDocuments } from './read-documents.ts'
import type { SourceDocument } from './yaml/index.ts'

/** The documents of a policy path, and where they stand. */
export interface PolicyDocuments {
  readonly documents: readonly SourceDocument[]
  /** How many documents each file holds, by path. */
  readonly held: ReadonlyMap<string, number>
}

/**
 * The documents of a policy file or of every policy file of a folder, those of Flex gateways translated. Rejects with
 * `UnreadableError`.
 */
export async function readPolicies(
  path: string,
  environment: Environment,
  { follow, ...bindings }: FlexBindings & { readonly follow?: FollowedLinks['follow'] | undefined },
  diagnostics: Diagnostic[],
): Promise<PolicyDocuments> {
  const { files } = await findPolicyFiles(path, follow)
  if (files.length === 0) diagnostics.push(emptyFolder(path))
  const held = new Map<string, number>()
  const read: SourceDocument[] = []
  const perFile = await fewAtOnce(files, async (file) => {
    return { file, documents: await readPolicyDocuments(file, environment, diagnostics) }
  })
  for (const { file, documents } of perFile) {
    held.set(file, documents.length)
    read.push(...documents)
  }
  return { documents: inOwnFormat(read, bindings, environment, diagnostics), held }
}

/** The documents of a policy file, ours or those of a Flex gateway, in which `$$` is no escape. */
export function readPolicyDocuments(
  path: string,
  environment: Environment,
  diagnostics: Diagnostic[],
): Promise<readonly SourceDocument[]> {
  return readDocuments(path, environment, diagnostics, {
    variable: environment.variable,
    escapes: (value) => !isFlex(value),
  })
}

/** What Flex policies are bound to. */
export interface FlexBindings {
  /** The ApiInstances that routes were made of; absent when these come from elsewhere. */
  readonly apis?: readonly FlexApi[] | undefined
  /** Names of the routes; left out, they are those of the ApiInstances. */
  readonly routes?: readonly string[] | undefined
}

/** The documents in our own format: those of Flex gateways translated, with their places in the Flex file. */
function inOwnFormat(
  documents: readonly SourceDocument[],
  { apis, routes }: FlexBindings,
  environment: Environment,
  diagnostics: Diagnostic[],
): readonly SourceDocument[] {
  const flex = documents.filter(({ value }) => isFlex(value))
  if (flex.length === 0) return documents
  const own = documents.filter(({ value }) => !isFlex(value))
  const options = {
    apis: apis ?? (routes ? undefined : checkedApis(flex, diagnostics)),
    routes,
    variable: environment.variable,
  }
  const translated = flexPolicies(flex, options, diagnostics)
  return [...own, ...translated.map(({ document }) => document)]
}

/** The ApiInstances, checked as parts of a gateway file. */
function checkedApis(flex: readonly SourceDocument[], diagnostics: Diagnostic[]): FlexApi[] {
  const apis = flexApis(flex, diagnostics)
  for (const { document } of apis) typeGateway(document, diagnostics)
  return apis
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
