import { availableParallelism, totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { Environment } from '../environment.ts'
import type { Machine } from './worker-process.ts'

/** The machine that this process is on; of a container what that may use. */
export function thisMachine({ variable }: Pick<Environment, 'variable'>): Machine {
  // what no limit is set for is told as 0, or as more than there is
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return {
    cores: availableParallelism(),
    memory: Math.min(limit, totalmem()),
    heapLimit: getHeapStatistics().heap_size_limit,
    flags: [...process.execArgv, variable('NODE_OPTIONS') ?? ''].join(' '),
    threads: variable('UV_THREADPOOL_SIZE'),
  }
}
