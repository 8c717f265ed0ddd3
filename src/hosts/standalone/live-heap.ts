import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'

/** How much of the heap is in use, garbage aside. */
export interface LiveHeap {
  /** Part of what V8 allows, from 0 to 1. */
  use(): number
  stop(): void
}

/** What measures and when: V8 itself, unless a test is. */
export interface HeapMeasures {
  /** Bytes in use and bytes allowed, without the young generation, whose garbage says nothing. */
  measure(): { readonly used: number; readonly limit: number }
  /** Calls `collected` after each collection of all garbage; returns what ends that. */
  onCollected(collected: () => void): () => void
  monotonic(): number
}

/**
 * Milliseconds for which a measurement holds. Where nothing is done nothing is collected either, and memory would
 * seem to be short for ever.
 */
const HOLDS = 1000

/** Starts to measure at each collection: only then what is in use is known. */
export function startLiveHeap({ measure, onCollected, monotonic }: HeapMeasures): LiveHeap {
  let part = 0
  let measuredAt = 0
  const stop = onCollected(() => {
    const { used, limit } = measure()
    part = used / limit
    measuredAt = monotonic()
  })
  return {
    use: () => (monotonic() - measuredAt > HOLDS ? 0 : part),
    stop,
  }
}

/** The heap of this process. `nodeOptions` is `NODE_OPTIONS`. */
export function processHeap(
  monotonic: () => number,
  nodeOptions = '',
  execArgv: readonly string[] = process.execArgv,
): HeapMeasures {
  const limit = oldSpaceLimit(getHeapStatistics().heap_size_limit, [nodeOptions, ...execArgv])
  return {
    monotonic,
    measure: () => ({ used: oldSpaceUse(), limit }),
    onCollected(collected) {
      const observer = new PerformanceObserver((list) => {
        if (list.getEntries().some(isMajor)) collected()
      })
      observer.observe({ entryTypes: ['gc'] })
      return () => observer.disconnect()
    },
  }
}

function isMajor(entry: PerformanceEntry & { readonly detail?: { readonly kind?: number } }) {
  return entry.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}

function oldSpaceUse(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new_'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0)
}

const FLAG = /--max[-_]old[-_]space[-_]size[= ](\d+)/g
/** What V8 adds to an old generation of this size for the young one, unless a flag says how large it is. */
const YOUNG_PART = 3 / 128

/** Bytes of the old generation that V8 allows; it tells only the sum of both generations. */
function oldSpaceLimit(heapLimit: number, flags: readonly string[]): number {
  const [, mebibytes] = [...flags.join(' ').matchAll(FLAG)].at(-1) ?? []
  return mebibytes === undefined ? heapLimit / (1 + YOUNG_PART) : Number(mebibytes) * 1024 * 1024
}
