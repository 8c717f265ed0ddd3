import { type FSWatcher, statSync, watch } from 'node:fs'

/** The system's watchers of folders. */
export interface FolderWatchers {
  /** Watches exactly these folders from now on; true when a watcher is new. */
  keep(folders: ReadonlySet<string>): boolean
}

/** Calls `onEvent` when something happens in a folder that is watched. Keeps no process alive. */
export function createFolderWatchers(onEvent: () => void): FolderWatchers {
  const active = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>()
  const drop = (folder: string) => {
    active.get(folder)?.watcher.close()
    active.delete(folder)
  }
  return {
    keep: (folders) => {
      for (const folder of active.keys()) if (!folders.has(folder)) drop(folder)
      let added = false
      for (const folder of folders) {
        try {
          const inode = statSync(folder).ino
          // A folder that was replaced keeps its name but not its watcher.
          if (active.get(folder)?.inode === inode) continue
          drop(folder)
          const watcher = watch(folder, { persistent: false }, onEvent)
          watcher.on('error', () => {
            drop(folder)
            onEvent()
          })
          active.set(folder, { watcher, inode })
          added = true
        } catch {
          // Just gone, or out of watches: the poll sees to it.
          drop(folder)
        }
      }
      return added
    },
  }
}
