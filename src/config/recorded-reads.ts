import { createHash } from 'node:crypto'
import { type Environment, withReadFile } from '../environment.ts'
import { endOf, type FileEnd, type FileEnds } from './file-end.ts'

/** What reading each file gave, by path: a digest of its content, or the code of the error. */
export type ReadFiles = ReadonlyMap<string, string>

/** An environment that remembers what was read through it. */
export interface RecordedReads {
  readonly environment: Environment
  /** What was read since the last call. */
  take(): TakenReads
}

/** What was read from files. */
export interface TakenReads {
  readonly outcomes: ReadFiles
  readonly ends: FileEnds
}

/** Records what is read from files, so that they can be watched for becoming something else. */
export function recordReads(environment: Environment): RecordedReads {
  let outcomes = new Map<string, string>()
  let ends = new Map<string, FileEnd>()
  return {
    environment: withReadFile(environment, async (path, limit) => {
      const reading = environment.readFile(path, limit)
      outcomes.set(path, await outcomeOf(reading))
      const bytes = await reading
      const end = endOf(path, bytes)
      if (end) ends.set(path, end)
      return bytes
    }),
    take() {
      const taken = { outcomes, ends }
      outcomes = new Map()
      ends = new Map()
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
