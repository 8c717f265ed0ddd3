import type { Template } from '../expression/index.ts'

type Reads = Template['reads']

/** What reads nothing: one for all, as there are many. */
export const READS_NOTHING: Reads = new Set()

/** All that `readers` read together: the very set of one of them where the others add nothing. */
export function allReads(readers: Iterable<{ readonly reads: Reads }>): Reads {
  let all = READS_NOTHING
  for (const { reads } of readers) {
    if (reads.isSubsetOf(all)) continue
    all = all.isSubsetOf(reads) ? reads : all.union(reads)
  }
  return all
}
