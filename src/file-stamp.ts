import { type Stats, stat } from 'node:fs'
import { statfs } from 'node:fs/promises'

/** Which file it is, its size and its times. */
export type FileStamp = Pick<Stats, 'dev' | 'ino' | 'size' | 'ctimeMs' | 'mtimeMs'>

/**
 * What tells the content of each file from every later one without reading it: two stamps that are the same are of one
 * content. Undefined where that cannot be told: the file was changed just now, so that the times of the next change may
 * be the same, or its file system is not one of this machine, which may tell old times.
 */
export async function stampsOf(paths: readonly string[]): Promise<(FileStamp | undefined)[]> {
  const now = Date.now()
  const found = await statsOf(paths)
  const local = await localDevices(paths, found)
  return found.map((stats) => {
    if (!stats?.isFile() || !isSettled(stats, now) || !local.has(stats.dev)) return undefined
    return told(stats)
  })
}

/** A promise for each of thousands of files would cost more than the look at it. */
function statsOf(paths: readonly string[]): Promise<(Stats | undefined)[]> {
  const { promise, resolve } = Promise.withResolvers<(Stats | undefined)[]>()
  const found: (Stats | undefined)[] = []
  let begun = 0
  let ended = 0
  const next = () => {
    const index = begun
    const path = paths[index]
    if (path === undefined) return
    begun += 1
    stat(path, (error, stats) => {
      found[index] = error ? undefined : stats
      ended += 1
      if (ended === paths.length) resolve(found)
      else next()
    })
  }
  if (paths.length === 0) resolve(found)
  for (let count = 0; count < FEW; count += 1) next()
  return promise
}

/** How many files are asked about at once. */
const FEW = 32

/** Milliseconds within which two changes may have the same time: a few ticks of a kernel. */
const TICKS = 100
/** The same where times are whole seconds, or even ones. */
const SECONDS = 3000

// the time of change cannot be set, that of modification may be anything
function isSettled({ ctimeMs, mtimeMs }: Stats, now: number): boolean {
  const isCoarse = ctimeMs % 1000 === 0 || mtimeMs % 1000 === 0
  return now - Math.max(ctimeMs, mtimeMs) > (isCoarse ? SECONDS : TICKS)
}

function told({ dev, ino, size, ctimeMs, mtimeMs }: Stats): FileStamp {
  return { dev, ino, size, ctimeMs, mtimeMs }
}

/** True when nothing was changed between the two. */
export function isSameStamp(one: FileStamp, other: FileStamp): boolean {
  return (
    one.ctimeMs === other.ctimeMs &&
    one.mtimeMs === other.mtimeMs &&
    one.size === other.size &&
    one.ino === other.ino &&
    one.dev === other.dev
  )
}

/** Those devices whose file systems know of each change when it happens. */
async function localDevices(
  paths: readonly string[],
  found: readonly (Stats | undefined)[],
): Promise<ReadonlySet<number>> {
  const places = new Map<number, string>()
  for (const [index, stats] of found.entries()) if (stats) places.set(stats.dev, paths[index] ?? '')
  const local = new Set<number>()
  for (const [device, path] of places) {
    const type = await statfs(path).then(
      (system) => system.type,
      () => undefined,
    )
    if (type !== undefined && LOCAL.has(type)) local.add(device)
  }
  return local
}

/** Magic numbers of Linux: ext, XFS, Btrfs, tmpfs, OverlayFS, ZFS, F2FS. */
const LOCAL: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010,
])
