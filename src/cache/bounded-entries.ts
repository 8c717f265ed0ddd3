import { LRUCache } from 'lru-cache'
import { BOUNDS, type CacheSettings } from './cache-settings.ts'

/** Entries by key, within a number and a number of bytes. */
export interface BoundedEntries<Entry> {
  get(key: string): Entry | undefined
  /** False when the entry alone is larger than all of them may be; nothing is kept under its key then. */
  set(key: string, entry: Entry): boolean
  delete(key: string): void
  values(): Iterable<Entry>
}

/** Creates an empty store that lets go of the least recently used, and tells `onDropped` of each that left. */
export function createBoundedEntries<Entry extends { readonly bytes: number }>(
  settings: Pick<CacheSettings, 'maxEntries' | 'maxBytes'>,
  onDropped: (entry: Entry) => void,
): BoundedEntries<Entry> {
  const { maxEntries = BOUNDS.maxEntries, maxBytes = BOUNDS.maxBytes } = settings
  // its own bound on entries would allocate for all of them at once, in every policy
  const entries = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => bytes,
    dispose: onDropped,
  })
  return {
    get: (key) => entries.get(key),
    set(key, entry) {
      entries.set(key, entry)
      if (entries.size > maxEntries) entries.pop()
      return entries.has(key)
    },
    delete: (key) => void entries.delete(key),
    values: () => entries.values(),
  }
}
