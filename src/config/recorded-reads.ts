import { createHash } from 'node:crypto'
import { type Environment, withReadFile } from '../environment.ts'

/** What reading each file gave, by path: a digest of its content, or the code of the error. */
export type ReadFiles = ReadonlyMap<string, string>

/** An environment that remembers what was read through it. */
export interface RecordedReads {
  readonly environment: Environment
  /** What was read since the last call. */
  take(): Map<string, string>
}

/** Records what is read from files, so that they can be watched for becoming something else. */
export function recordReads(environment: Environment): RecordedReads {
  let read = new Map<string, string>()
  return {
    environment: withReadFile(environment, async (path, limit) => {
      const reading = environment.readFile(path, limit)
      read.set(path, await outcomeOf(reading))
      return reading
    }),
    take() {
      const taken = read
      read = new Map()
      return taken
    },
  }
}

/** How a reading ended, as a word that is the same when the content is. Never rejects. */
export async function outcomeOf(reading: Promise<Uint8Array>): Promise<string> {
  try {
    return createHash('sha256')
      .update(await reading)
      .digest('base64url')
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return code
  }
}
