import { randomBytes, randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readlink, stat } from 'node:fs/promises'
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
   * file with `EFBIG`, for one that goes on being written to with `EBUSY`.
   */
  readFile(path: string, limit?: number): Promise<Buffer>
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
    permissions,
    descriptorLimit,
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
    permissions: (path) => environment.permissions(path),
    descriptorLimit: () => environment.descriptorLimit(),
    readFile,
  }
}

const FILE_LIMIT = 16 * 1024 * 1024
/** Readings of a file that is being written, and the milliseconds for which it must not have been written to. */
const TRIES = 5
const SETTLED = 50
/** Bytes of the smallest buffer. */
const LEAST = 4096

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

/** Reads again what was written to meanwhile or just before: a half of it may mean something else than the whole. */
async function readStable(handle: FileHandle, stat: Stats, limit: number): Promise<Buffer> {
  let before = stat
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (before.size > limit) throw tooLarge(limit)
    const bytes = await readAll(handle, before.size, limit)
    const age = Date.now() - before.mtimeMs
    // a writer that is between two pieces shows only later; a file from the future says nothing about now
    if (age >= 0 && age < SETTLED) await setTimeout(SETTLED - age)
    const after = await handle.stat()
    if (after.size === before.size && after.mtimeMs === before.mtimeMs) return bytes
    before = after
  }
  throw fileError('EBUSY', 'expected a file that is not being written')
}

/** The whole file, which may hold more or less than it says; of what is too large the first byte too many. */
async function readAll(handle: FileHandle, size: number, limit: number): Promise<Buffer> {
  let bytes = Buffer.alloc(Math.max(size + 1, LEAST))
  let filled = 0
  for (;;) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled)
    if (bytesRead === 0) return bytes.subarray(0, filled)
    filled += bytesRead
    if (filled > limit) throw tooLarge(limit)
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
