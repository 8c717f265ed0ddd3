import type { Compiled } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import type { Policy } from '../policy.ts'
import type { RouteMatch } from './bound-routes.ts'
import { checkPolicies, inOrder } from './check-policies.ts'
import { type CompileSurroundings, createFileCompiler } from './compile-policy-file.ts'
import type { Diagnostic } from './diagnostic.ts'
import { fewAtOnce } from './few-at-once.ts'
import { findPolicyFiles, readSource, type Source } from './files.ts'
import type { FlexApi } from './flex/index.ts'
import { inOwnFormat } from './flex-documents.ts'
import type { FollowedLinks } from './followed-links.ts'
import {
  type Kept,
  type KeptFile,
  type KeptPolicy,
  type TracedReads,
  traceReads,
} from './kept/index.ts'
import { DEFAULT_ORDER } from './policy.ts'
import { openPolicyFile } from './policy-file.ts'
import { createTurns } from './turns.ts'

/** What a policy path held. */
export interface LoadedPolicies {
  /** Enabled policies without an error, ascending by order, then by name. */
  readonly policies: readonly Policy[]
  /** The disabled ones, in the same order. */
  readonly disabled: Compiled['disabled']
  readonly diagnostics: readonly Diagnostic[]
  /** How many documents each file holds, by path. */
  readonly held: ReadonlyMap<string, number>
  /** What the next reading may keep of them; absent when they could not be read. */
  readonly files?: ReadonlyMap<string, KeptFile>
  /** The policies, when no two of them write at one place. */
  readonly apart?: ReadonlySet<Policy>
}

/** What the policies of one reading have around them. */
export interface PolicySurroundings extends CompileSurroundings {
  /** What `match.route` may name; left out, any route. */
  readonly routes?: readonly RouteMatch[] | undefined
  /** The ApiInstances of Flex files that the routes were made of; left out, the routes come from elsewhere. */
  readonly apis?: readonly FlexApi[] | undefined
  /** Told the links that decide which files there are, and of the files that are none. */
  readonly links?: Pick<FollowedLinks, 'follow' | 'pass'> | undefined
  /** What earlier readings left, and what takes note of this one. Default: nothing is kept. */
  readonly kept?: Kept | undefined
  /** Through which the policies take what decides them. Default: made for this reading. */
  readonly traced?: TracedReads | undefined
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
  const { links, kept, apis, routes } = surroundings
  const { traced = traceReads(environment) } = surroundings
  const { files, plain } = await findPolicyFiles(path, links?.follow)
  links?.pass(plain)
  const turn = createTurns()
  const compiler = createFileCompiler(traced, surroundings, turn)
  const diagnostics: Diagnostic[] = files.length === 0 ? [emptyFolder(path)] : []
  const read = new Map<string, KeptFile>()
  for (let at = 0; at < files.length; at += AHEAD) {
    const some = files.slice(at, at + AHEAD)
    const outcomes = (await kept?.unchanged(some)) ?? []
    const changed: string[] = []
    for (const [index, file] of some.entries()) {
      await turn()
      const known = kept?.last.files?.get(file)
      if (known && known.outcome === outcomes[index] && compiler.isKept(known)) {
        read.set(file, known)
      } else if (known && known.outcome === outcomes[index] && (await traced.holds(known.basis))) {
        read.set(file, await compiledAgain(known))
      } else {
        changed.push(file)
      }
    }
    const sources = await fewAtOnce(changed, (file) => readSource(file, environment))
    for (const source of sources) {
      await turn()
      read.set(source.path, await readFile(source))
    }
  }
  const inPlace = files.map((file) => read.get(file) as KeptFile)

  const policies: KeptPolicy[] = []
  for (const { file, policies: own } of inPlace) {
    diagnostics.push(...file.diagnostics)
    for (const policy of own) if (policy) policies.push(policy)
  }
  const flex = inPlace.flatMap(({ file, policies: own }) =>
    own.includes(undefined) ? file.documents().filter((_, index) => !own[index]) : [],
  )
  const names = routes?.map(({ name }) => name)
  for (const document of inOwnFormat(flex, { apis, routes: names }, environment, diagnostics)) {
    policies.push(await compiler.readPolicy(() => document, document))
  }
  for (const { faults, compilation, sink } of policies) {
    await turn()
    diagnostics.push(...faults, ...compilation.diagnostics)
    sink.to = diagnostics
  }
  // without routes, more policies can meet
  const before = routes && surroundings.isSame ? kept?.last.apart : undefined
  const { applied, apart } = await checkPolicies(policies, routes, before, turn)
  for (const { file } of inPlace) file.release()
  return {
    policies: applied,
    disabled: policies
      .flatMap(({ config }) => (config?.enabled === false ? config : []))
      .map(({ name, order = DEFAULT_ORDER }) => ({ name, order }))
      .toSorted(inOrder),
    diagnostics,
    held: new Map(inPlace.map(({ file }) => [file.path, file.size])),
    files: read,
    ...(routes && apart && { apart }),
  }

  async function compiledAgain(known: KeptFile): Promise<KeptFile> {
    return { ...known, policies: await compiler.readFile(known.file, known.policies) }
  }

  async function readFile(source: Source): Promise<KeptFile> {
    const known = kept?.last.files?.get(source.path)
    const outcome = kept?.outcomeOf(source.path)
    if (known && known.outcome === outcome && (await traced.holds(known.basis))) {
      return compiledAgain(known)
    }
    const { result: file, basis } = await traced.trace(() =>
      openPolicyFile(source, traced.environment),
    )
    return { file, outcome, basis, policies: await compiler.readFile(file) }
  }
}

/** Files that are read before those before them are compiled. */
const AHEAD = 512

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
