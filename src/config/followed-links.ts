import { realpath } from 'node:fs/promises'
import { type Environment, withReadFile } from '../environment.ts'
import { fewAtOnce } from './few-at-once.ts'

/** Where the links on the way to files led when each was first followed. */
export interface FollowedLinks {
  /** Follows the links to each file before it is read. */
  readonly environment: Environment
  /** Remembers where a path leads, unless that is known; also that it leads nowhere. */
  follow(path: string): Promise<void>
  /** Files that are no links, in folders that are followed: they need not be. */
  pass(paths: Iterable<string>): void
  /** True when one of them leads elsewhere now. Nothing is followed any more after that. */
  haveMoved(): Promise<boolean>
}

/**
 * Follows links, so that files which are swapped by a link, as Kubernetes mounts do, are known to be of one
 * generation, whatever was read of them in between.
 */
export function followLinks(environment: Environment): FollowedLinks {
  const followed = new Map<string, string>()
  const passed = new Set<string>()
  let hasEnded = false
  async function follow(path: string): Promise<void> {
    const end = await endOf(path)
    if (!followed.has(path)) followed.set(path, end)
  }
  return {
    environment: withReadFile(environment, async (path, limit) => {
      if (!hasEnded && !passed.has(path)) await follow(path)
      return environment.readFile(path, limit)
    }),
    follow,
    pass(paths) {
      for (const path of paths) passed.add(path)
    },
    async haveMoved() {
      const moved = await fewAtOnce(
        [...followed],
        async ([path, end]) => (await endOf(path)) !== end,
      )
      hasEnded = true
      followed.clear()
      passed.clear()
      return moved.includes(true)
    },
  }
}

function endOf(path: string): Promise<string> {
  return realpath(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown')
}
