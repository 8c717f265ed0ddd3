import { readFileSync } from 'node:fs'

/** Which cores a run may use, as `taskset -c` takes them. */
export interface Cores {
  /** Where the contender runs. */
  readonly contender: string
  /** Where the load and the upstream run: the others. */
  readonly load: string
  readonly all: string
  readonly count: number
}

/** Shares out the cores that this process may run on; a single one is for all. */
export function shareCores(): Cores {
  const status = readFileSync('/proc/self/status', 'utf8')
  const cores = expandCores(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0')
  const [first = 0, ...others] = cores
  return {
    contender: String(first),
    load: (others.length > 0 ? others : cores).join(','),
    all: cores.join(','),
    count: cores.length,
  }
}

/** The numbers of a list such as `0-2,5`. */
export function expandCores(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}
