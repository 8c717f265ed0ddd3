import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of V8's young generation, from which on it grows no more. Less of it costs CPU time, more only memory. */
const YOUNG = 8 * 1024 * 1024
/** Bytes in use from which on it is worth to search them twice. */
const LARGE = 64 * 1024 * 1024

/**
 * Makes the heap that of a process which serves for long; to be called once, when all is loaded. Collects what loading
 * left behind, as V8 allows garbage by what it found alive the last time, and a hundred megabytes before the first.
 * And lets the young generation grow again, which `bin/countersign.js` holds small while code loads, up to a size that
 * holds the requests under way.
 */
export function settleHeap(): void {
  collect()
  let factor = 1
  const grow = () => {
    const wanted = youngBytes() < YOUNG ? 2 : 1
    if (wanted !== factor) setFlagsFromString(`--semi-space-growth-factor=${wanted}`)
    factor = wanted
  }
  grow()
  // and again after each collection: V8 makes it smaller when little is done
  new PerformanceObserver(grow).observe({ entryTypes: ['gc'] })
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: object) => void
  setFlagsFromString('--no-expose-gc')
  // what thousands of policies left is spread over all pages: they are given back only after a thorough search
  const isLarge = getHeapStatistics().used_heap_size > LARGE
  gc({ type: 'major', execution: 'sync', flavor: isLarge ? 'last-resort' : 'regular' })
}

function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  return young?.space_size ?? 0
}
