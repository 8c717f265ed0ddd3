import { randomBytes, randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'

/**
 * What the core takes from outside: passed in, never ambient, so that tests can fix it. Only the folder of the
 * policies is listed and watched without it.
 */
export interface Environment {
  /** Wall clock in milliseconds since the epoch. */
  now(): number
  /** Milliseconds of a clock that nobody sets: only differences mean something. */
  monotonic(): number
  /** A random UUID (RFC 9562, version 4). */
  uuid(): string
  /** Cryptographically random bytes. */
  random(length: number): Uint8Array
  /** The value of an environment variable, or undefined when it is not set. */
  variable(name: string): string | undefined
  /**
   * The bytes of a regular file of at most `limit` bytes, by default 16 MiB. Never waits for a writer. Rejects as
   * `node:fs` does, for a directory with code `EISDIR`, for a FIFO, socket or device with `ENOTREG`, for a larger
   * file with `EFBIG`, for one that changes at every reading with `EBUSY`.
   */
  readFile(path: string, limit?: number): Promise<Buffer>
}

/** The environment of a running process. */
export function systemEnvironment(): Environment {
  return {
    now: Date.now,
    monotonic: () => performance.now(),
    uuid: randomUUID,
    random: randomBytes,
    variable: (name) => process.env[name],
    readFile,
  }
}

/** The same environment with another way to read files. */
export function withReadFile(
  environment: Environment,
  readFile: Environment['readFile'],
): Environment {
  return {
    now: () => environment.now(),
    monotonic: () => environment.monotonic(),
    uuid: () => environment.uuid(),
    random: (length) => environment.random(length),
    variable: (name) => environment.variable(name),
    readFile,
  }
}

const FILE_LIMIT = 16 * 1024 * 1024
/** Readings of a file that is being written, and the milliseconds between them. */
const TRIES = 5
const PAUSE = 20

async function readFile(path: string, limit = FILE_LIMIT): Promise<Buffer> {
  // Without O_NONBLOCK, opening a FIFO waits for somebody to write to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await handle.stat()
    if (stat.isDirectory()) throw fileError('EISDIR', 'expected a file, found a directory')
    if (!stat.isFile()) throw fileError('ENOTREG', 'expected a regular file')
    return await readStable(handle, stat, limit)
  } finally {
    await handle.close()
  }
}

/** Reads again what was written to while it was read: a half of it may mean something else than the whole. */
async function readStable(handle: FileHandle, stat: Stats, limit: number): Promise<Buffer> {
  let before = stat
  for (let tries = 0; tries < TRIES; tries += 1) {
    // What grows meanwhile is read up to the first byte too many.
    const bytes =
      before.size > limit
        ? undefined
        : await buffer(handle.createReadStream({ start: 0, end: limit, autoClose: false }))
    if (bytes === undefined || bytes.length > limit) {
      throw fileError('EFBIG', `expected at most ${limit} bytes`)
    }
    const after = await handle.stat()
    if (after.size === before.size && after.mtimeMs === before.mtimeMs) return bytes
    before = after
    await setTimeout(PAUSE)
  }
  throw fileError('EBUSY', 'expected a file that is not being written')
}

function fileError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
