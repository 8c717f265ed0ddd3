import { realpath } from 'node:fs/promises'
import { type Environment, withReadFile } from '../environment.ts'
import { fewAtOnce } from './few-at-once.ts'

/** Where the links on the way to files led when each was first followed. */
export interface FollowedLinks {
  /** Follows the links to each file before it is read. */
  readonly environment: Environment
  /** Remembers where a path leads, unless that is known; also that it leads nowhere. */
  follow(path: string): Promise<void>
  /** True when one of them leads elsewhere now. */
  haveMoved(): Promise<boolean>
}

/**
 * Follows links, so that files which are swapped by a link, as Kubernetes mounts do, are known to be of one
 * generation, whatever was read of them in between.
 */
export function followLinks(environment: Environment): FollowedLinks {
  const followed = new Map<string, string>()
  async function follow(path: string): Promise<void> {
    const end = await endOf(path)
    if (!followed.has(path)) followed.set(path, end)
  }
  return {
    environment: withReadFile(environment, async (path, limit) => {
      await follow(path)
      return environment.readFile(path, limit)
    }),
    follow,
    async haveMoved() {
      const moved = await fewAtOnce(
        [...followed],
        async ([path, end]) => (await endOf(path)) !== end,
      )
      return moved.includes(true)
    },
  }
}

function endOf(path: string): Promise<string> {
  return realpath(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown')
}
