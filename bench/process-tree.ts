import { readdirSync, readFileSync } from 'node:fs'

/** What a process and its descendants took so far. */
export interface ProcessCost {
  /** User and system time of all threads, in microseconds. */
  readonly cpuMicros: number
  /** Resident memory in bytes; pages that processes share count for each. */
  readonly rss: number
}

/** Linux counts CPU time for programs in hundredths of a second, whatever its own clock does. */
const TICK_MICROS = 10_000

/** Adds up a process and its descendants: nginx, HAProxy and `--workers` do their work in children. */
export function costOf(pid: number): ProcessCost {
  const costs = processTree(pid).map(({ cost }) => cost)
  return {
    cpuMicros: costs.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
    rss: costs.reduce((sum, { rss }) => sum + rss, 0),
  }
}

/** A process and its descendants that run now, the process itself first. */
export function processTree(pid: number): ProcessStat[] {
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))]
    } catch {
      // it ended since it was listed
      return []
    }
  })
  const found = all.filter((stat) => stat.pid === pid)
  for (const { pid: parent } of found) found.push(...all.filter((stat) => stat.parent === parent))
  return found
}

/** A line of `/proc/PID/stat`. */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly cost: ProcessCost
}

/** Reads `/proc/PID/stat` (proc_pid_stat(5)), whose second field is a name that may hold anything. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    cost: { cpuMicros: (field(14) + field(15)) * TICK_MICROS, rss: field(24) * 4096 },
  }
}
