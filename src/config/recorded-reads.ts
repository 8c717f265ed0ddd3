import { hash } from 'node:crypto'
import { type Environment, withReadFile } from '../environment.ts'
import { type FileStamp, isSameStamp } from '../file-stamp.ts'
import { endOf, type FileEnd, type FileEnds } from './file-end.ts'

/** What reading each file gave, by path: a digest of its content, or the code of the error. */
export type ReadFiles = ReadonlyMap<string, string>

/** An environment that remembers what was read through it. */
export interface RecordedReads {
  readonly environment: Environment
  /** What was read since the last call. */
  take(): TakenReads
  /**
   * The outcome of the last reading of each file when another would surely have the same: it counts as read.
   * Undefined where that is not known.
   */
  unchanged(paths: readonly string[]): Promise<readonly (string | undefined)[]>
  /** Files that are to be read again, whatever is known of them. */
  forget(paths: readonly string[]): void
  /** How reading a file ended since the last `take`. */
  outcomeOf(path: string): string | undefined
  /** The same as `unchanged` for one who only looks. */
  peek(paths: readonly string[]): Promise<readonly (string | undefined)[]>
}

/** What was read from files. */
export interface TakenReads {
  readonly outcomes: ReadFiles
  readonly ends: FileEnds
}

/** What a file was when it was read and had this stamp. */
interface LastReading {
  readonly stamp: FileStamp
  readonly outcome: string
  readonly end: FileEnd | undefined
}

/** Records what is read from files, so that they can be watched for becoming something else. */
export function recordReads(environment: Environment): RecordedReads {
  let outcomes = new Map<string, string>()
  let ends = new Map<string, FileEnd>()
  const stamps = new Map<string, FileStamp | undefined>()
  const last = new Map<string, LastReading>()

  const stampsOf = async (paths: readonly string[]) => (await environment.stamps?.(paths)) ?? []

  return {
    environment: withReadFile(environment, async (path, limit) => {
      const stamp = stamps.get(path)
      stamps.delete(path)
      last.delete(path)
      const reading = environment.readFile(path, limit)
      const outcome = await outcomeOf(reading)
      outcomes.set(path, outcome)
      const bytes = await reading
      const end = endOf(path, bytes)
      if (end) ends.set(path, end)
      if (stamp) last.set(path, { stamp, outcome, end })
      return bytes
    }),
    async unchanged(paths) {
      const found = await stampsOf(paths)
      return paths.map((path, index) => {
        const stamp = found[index]
        const known = last.get(path)
        if (stamp && known && isSameStamp(known.stamp, stamp)) {
          outcomes.set(path, known.outcome)
          if (known.end) ends.set(path, known.end)
          return known.outcome
        }
        // taken before the file is read: what is written meanwhile has another
        stamps.set(path, stamp)
        return undefined
      })
    },
    outcomeOf: (path) => outcomes.get(path),
    async peek(paths) {
      const found = await stampsOf(paths)
      return paths.map((path, index) => {
        const known = last.get(path)
        const stamp = found[index]
        return known && stamp && isSameStamp(known.stamp, stamp) ? known.outcome : undefined
      })
    },
    forget(paths) {
      for (const path of paths) last.delete(path)
    },
    take() {
      const taken = { outcomes, ends }
      outcomes = new Map()
      ends = new Map()
      return taken
    },
  }
}

/** The same for the same outcomes, in whatever order they were read. */
export function digestOf(outcomes: ReadFiles): string {
  return hash('sha256', JSON.stringify([...outcomes].sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** How a reading ended, as a word that is the same when the content is. Never rejects. */
export async function outcomeOf(reading: Promise<Uint8Array>): Promise<string> {
  try {
    return hash('sha256', await reading, 'base64url')
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return code
  }
}
