import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Environment } from '../environment.ts'
import { fewAtOnce } from './few-at-once.ts'
import { findPolicyFiles } from './files.ts'
import { outcomeOf, type ReadFiles } from './recorded-reads.ts'
import { UnreadableError } from './unreadable-error.ts'

/** What files hold at one moment, and where a change of them shows. */
export interface Look {
  readonly files: ReadFiles
  /** The folders that they stand in, as they really are; a missing one is replaced by its nearest parent. */
  readonly folders: ReadonlySet<string>
}

/** The outcomes of files that are known without reading them; undefined for those that are not. */
export type Peek = (paths: readonly string[]) => Promise<readonly (string | undefined)[]>

/**
 * Reads the policy files at `policies` and the files at `paths`, but for what `peek` knows; left out, all of them.
 * Never rejects: what is gone is an outcome, too.
 */
export async function look(
  policies: string,
  paths: Iterable<string>,
  environment: Environment,
  peek: Peek = async () => [],
): Promise<Look> {
  const folders = new Set<string>()
  const failed = new Map<string, string>()
  const found = await findPolicyFiles(policies).catch(async (error: unknown) => {
    if (!(error instanceof UnreadableError)) throw error
    failed.set(error.path, error.code)
    folders.add(await nearestFolder(error.path))
    return undefined
  })
  for (const folder of found?.folders ?? []) folders.add(folder)
  const all = [...new Set([...(found?.files ?? []), ...paths])].filter((path) => !failed.has(path))
  const known = await peek(all)
  const outcomes = await fewAtOnce([...all.entries()], async ([index, path]) => {
    const outcome = known[index] ?? (await outcomeOf(environment.readFile(path)))
    // one that is no link stands in a folder that was listed
    if (!found?.plain.has(path)) for (const folder of await placesOf(path)) folders.add(folder)
    return [path, outcome] as const
  })
  return { files: new Map([...failed, ...outcomes]), folders }
}

/** A link shows a change where it stands and where it leads. */
async function placesOf(path: string): Promise<readonly string[]> {
  const end = realpath(path).then(dirname, () => nearestFolder(path))
  return [await nearestFolder(path), await end]
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path)
  const real = await realpath(parent).catch(() => undefined)
  return real ?? (parent === path ? path : nearestFolder(parent))
}
