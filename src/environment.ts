import { randomBytes, randomUUID } from 'node:crypto'
import { close, constants, fstat, open, read, type Stats } from 'node:fs'
import { readlink, stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type FileStamp, stampsOf } from './file-stamp.ts'

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
   * file with `EFBIG`, for one that goes on being written to with `EBUSY`.
   */
  readFile(path: string, limit?: number): Promise<Buffer>
  /**
   * What tells the content of each file from every later one without reading it; undefined where that is not known.
   * Absent: every file is read to know what it holds.
   */
  readonly stamps?:
    | ((paths: readonly string[]) => Promise<readonly (FileStamp | undefined)[]>)
    | undefined
  /** Who may use a file. Rejects as `node:fs` does. */
  permissions(path: string): Promise<FilePermissions>
  /** How many descriptors this process may have open; undefined where that is not known, or has no limit. */
  descriptorLimit(): number | undefined
}

/** Most milliseconds by which the two clocks may disagree: a small correction, not a clock that was set. */
export const TOLERATED_STEP = 2000

/** Who may use a file. */
export interface FilePermissions {
  /** Permission bits: 0o640. */
  readonly mode: number
  /** True when it belongs to the user of this process. */
  readonly isOwn: boolean
  /** True for a file of a Kubernetes volume, which is a link into its `..data` folder. */
  readonly isMounted: boolean
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
    stamps: stampsOf,
    permissions,
    descriptorLimit,
  }
}

const MOST_THREADS = 1024

/** Threads of libuv's pool, which signatures, files and lookups of names share; as many as libuv makes of the variable. */
export function threadPoolSize(): number {
  const { UV_THREADPOOL_SIZE: written = '4' } = process.env
  const threads = Number.parseInt(written, 10) || 1
  return threads < 0 ? MOST_THREADS : Math.min(threads, MOST_THREADS)
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
    permissions: (path) => environment.permissions(path),
    descriptorLimit: () => environment.descriptorLimit(),
    readFile,
  }
}

const FILE_LIMIT = 16 * 1024 * 1024
/** Readings of a file that is being written, and the milliseconds for which it must not have been written to. */
const TRIES = 5
const SETTLED = 50
/** Bytes of the first buffer for a file that says that it is empty, as those of the kernel do. */
const LEAST = 4096

// with a bare descriptor, a file costs half of what it does with a FileHandle
const file = {
  open: promisify(open),
  stat: promisify<number, Stats>(fstat),
  read: promisify(read),
  close: promisify(close),
}

async function readFile(path: string, limit = FILE_LIMIT): Promise<Buffer> {
  // Without O_NONBLOCK, opening a FIFO waits for somebody to write to it.
  const descriptor = await file.open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await file.stat(descriptor)
    if (stat.isDirectory()) throw fileError('EISDIR', 'expected a file, found a directory')
    if (!stat.isFile()) throw fileError('ENOTREG', 'expected a regular file')
    return await readStable(descriptor, stat, limit)
  } finally {
    await file.close(descriptor)
  }
}

/** Reads again what was written to meanwhile or just before: a half of it may mean something else than the whole. */
async function readStable(descriptor: number, stat: Stats, limit: number): Promise<Buffer> {
  let before = stat
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (before.size > limit) throw tooLarge(limit)
    const bytes = await readAll(descriptor, before.size, limit)
    const age = Date.now() - before.mtimeMs
    // a writer that is between two pieces shows only later; a file from the future says nothing about now
    if (age >= 0 && age < SETTLED) await setTimeout(SETTLED - age)
    const after = await file.stat(descriptor)
    if (after.size === before.size && after.mtimeMs === before.mtimeMs) return bytes
    before = after
  }
  throw fileError('EBUSY', 'expected a file that is not being written')
}

/** The whole file, which may hold more than it says when it says nothing; of what is too large the first byte too many. */
async function readAll(descriptor: number, size: number, limit: number): Promise<Buffer> {
  let bytes = Buffer.alloc(size === 0 ? LEAST : size + 1)
  let filled = 0
  for (;;) {
    const { bytesRead } = await file.read(descriptor, bytes, filled, bytes.length - filled, filled)
    filled += bytesRead
    if (filled > limit) throw tooLarge(limit)
    if (bytesRead === 0 || filled === size) return bytes.subarray(0, filled)
    if (filled === bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length)])
  }
}

function tooLarge(limit: number): Error {
  return fileError('EFBIG', `expected at most ${limit} bytes`)
}

function fileError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

async function permissions(path: string): Promise<FilePermissions> {
  const link = await readlink(path).catch(() => '')
  const { mode, uid } = await stat(path)
  return {
    mode: mode & 0o777,
    isOwn: uid === process.getuid?.(),
    isMounted: link.startsWith('..data/'),
  }
}

// Under Node's permission model `/proc` cannot be read, a report can.
function descriptorLimit(): number | undefined {
  const { report } = process
  // what would take long, and what holds secrets
  Object.assign(report, { excludeNetwork: true, excludeEnv: true })
  const { userLimits } = report.getReport() as Partial<Report>
  const { soft } = userLimits?.open_files ?? {}
  return typeof soft === 'number' ? soft : undefined
}

/** What a report tells of the limits of a process, on systems that have them. */
interface Report {
  readonly userLimits: { readonly open_files: { readonly soft: number | 'unlimited' } }
}
