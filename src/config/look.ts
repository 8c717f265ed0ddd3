import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Environment } from '../environment.ts'
import { findPolicyFiles } from './files.ts'
import { outcomeOf, type ReadFiles } from './recorded-reads.ts'
import { UnreadableError } from './unreadable-error.ts'

/** What files hold at one moment, and where a change of them shows. */
export interface Look {
  readonly files: ReadFiles
  /** The folders that they stand in, as they really are; a missing one is replaced by its nearest parent. */
  readonly folders: ReadonlySet<string>
}

/** Reads the policy files at `policies` and the files at `paths`. Never rejects: what is gone is an outcome, too. */
export async function look(
  policies: string,
  paths: Iterable<string>,
  environment: Environment,
): Promise<Look> {
  const files = new Map<string, string>()
  const folders = new Set<string>()
  const read = async (path: string) => {
    if (files.has(path)) return
    files.set(path, 'reading')
    files.set(path, await outcomeOf(environment.readFile(path)))
    // A link shows a change where it stands and where it leads.
    folders.add(await nearestFolder(path))
    folders.add(await realpath(path).then(dirname, () => nearestFolder(path)))
  }
  try {
    const found = await findPolicyFiles(policies)
    for (const folder of found.folders) folders.add(folder)
    for (const file of found.files) await read(file)
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error
    files.set(error.path, error.code)
    folders.add(await nearestFolder(error.path))
  }
  for (const path of paths) await read(path)
  return { files, folders }
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path)
  const real = await realpath(parent).catch(() => undefined)
  return real ?? (parent === path ? path : nearestFolder(parent))
}
