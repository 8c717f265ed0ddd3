import type { Environment } from '../environment.ts'
import { createFolderWatchers } from './folder-watchers.ts'
import { look, type Peek } from './look.ts'
import type { ReadFiles } from './recorded-reads.ts'

/** How closely to watch. */
export interface WatchOptions {
  /** Reads the files. */
  readonly environment: Environment
  /** Knows of some files what they hold; asked at events, not by the poll. Default: of none. */
  readonly peek?: Peek | undefined
  /** Told of files that the poll found to hold something else than `peek` knows. */
  readonly onMistaken?: ((paths: readonly string[]) => void) | undefined
  /** Milliseconds without an event before the files are compared; at most four times that. Default 250. */
  readonly debounce?: number
  /** Milliseconds between comparisons without any event. Default 60 000. */
  readonly poll?: number
  /** Milliseconds for which files that are gone, or go on being written, may come to be whole. Default 7000. */
  readonly patience?: number
  /** Told what `onChange` rejected with. The watch goes on. */
  readonly onError: (error: unknown) => void
}

/** A running watch. */
export interface FileWatch {
  /**
   * Watches from now on the policy file or folder at `policies`, and the files that were read. What is different
   * from what was read is a change already, so that nothing is missed between reading and watching. Settles when
   * that is known, within `onChange` at once.
   */
  keep(policies: string, read?: ReadFiles): Promise<void>
  /** Stops at once; a running `onChange` is not interrupted, and none begins after it. */
  close(): void
}

/**
 * Calls `onChange` when a file that is watched comes, goes or gets another content: never twice at once, and once
 * more when something changed meanwhile. Folders are watched, not files, since Kubernetes swaps a link; a file or
 * folder that is not there yet is awaited. Some writers delete what they write anew: that files are gone is told
 * only after a while, or with the next other change. Keeps no process alive.
 */
export function watchFiles(
  onChange: () => unknown,
  {
    environment,
    peek,
    onMistaken,
    debounce = 250,
    poll = 60_000,
    patience = 7000,
    onError,
  }: WatchOptions,
): FileWatch {
  const watchers = createFolderWatchers(schedule)
  let kept: { readonly policies: string; readonly read: ReadFiles | undefined } | undefined
  let known: ReadFiles | undefined
  let sameSet = false
  let closed = false
  let busy = false
  let again = false
  let quiet: NodeJS.Timeout | undefined
  let latest: NodeJS.Timeout | undefined
  let halfSince: number | undefined
  let patient: NodeJS.Timeout | undefined

  // what times do not tell, as those of a server's files, shows when all is read
  const interval = setInterval(() => void compare(true), poll)
  interval.unref()

  return {
    keep(policies, read) {
      kept = { policies, read }
      sameSet = false
      return compare()
    },
    close: () => {
      closed = true
      clearInterval(interval)
      clearTimers()
      clearTimeout(patient)
      watchers.keep(new Set())
    },
  }

  function schedule(): void {
    if (closed) return
    clearTimeout(quiet)
    quiet = setTimeout(settle, debounce).unref()
    // Events that never stop must not put it off for ever.
    latest ??= setTimeout(settle, 4 * debounce).unref()
  }

  function settle(): void {
    clearTimers()
    void compare()
  }

  function clearTimers(): void {
    clearTimeout(quiet)
    clearTimeout(latest)
    latest = undefined
  }

  async function compare(readsAll = false): Promise<void> {
    if (busy) {
      again = true
      return
    }
    busy = true
    try {
      do {
        again = false
        if (await changed(readsAll)) await Promise.resolve().then(onChange).catch(onError)
      } while (again && !closed)
    } finally {
      busy = false
    }
  }

  async function changed(readsAll: boolean): Promise<boolean> {
    if (!kept || closed) return false
    const { policies, read } = kept
    const paths = [...(read?.keys() ?? [])]
    const asked = readsAll ? undefined : peek
    let now = await look(policies, paths, environment, asked)
    if (closed) return false
    // A change between reading and watching has no event, so what is newly watched is read once more.
    if (watchers.keep(now.folders)) now = await look(policies, paths, environment, asked)
    const before = new Map([...(read ?? []), ...(known ?? (read ? [] : now.files))])
    const changes = [...now.files].filter(([path, outcome]) => before.get(path) !== outcome)
    if (readsAll) onMistaken?.(changes.map(([path]) => path))
    const fewer = sameSet && known?.size !== now.files.size
    const differs = changes.length > 0 || fewer
    if (differs && isHalf(changes.map(([, outcome]) => outcome))) return false
    halfSince = undefined
    known = now.files
    sameSet = true
    return differs && !closed
  }

  /** True while these outcomes, of what has changed, look like one half of a change; not for ever. */
  function isHalf(outcomes: readonly string[]): boolean {
    const isGoing = outcomes.every((outcome) => outcome === 'ENOENT')
    if (!isGoing && !outcomes.includes('EBUSY')) return false
    const now = environment.monotonic()
    halfSince ??= now
    const left = halfSince + patience - now
    if (left <= 0) return false
    clearTimeout(patient)
    patient = setTimeout(() => void compare(), left).unref()
    return true
  }
}
