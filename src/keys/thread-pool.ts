import { availableParallelism } from 'node:os'
import { threadPoolSize } from '../environment.ts'
import { CountersignError } from '../errors.ts'

/** Work that `start` begins on the thread pool, and whose end it tells as `node:crypto` does. */
export type PoolWork<Result> = (done: (error: Error | null, result: Result) => void) => void

/** Has work done when it is its turn. Rejects as the work fails, and with `overload` when too much waits already. */
export type PoolLine = <Result>(work: PoolWork<Result>) => Promise<Result>

/** How much work there may be. */
export interface PoolLineOptions {
  /** That the pool is given at a time. */
  readonly atOnce: number
  /** That waits for its turn. */
  readonly waiting: number
}

/** Work that waits at most; with RSA of 2048 bits it is done in a second, on two cores. */
const WAITING = 4096

/**
 * The line in front of the thread pool of this process, for signatures that take long and for their checks. The pool
 * itself takes anything, in the order in which it comes: a file that is read, or a name that is looked up, would wait
 * for every signature that was asked for before.
 */
export const onThreadPool = createPoolLine({
  atOnce: atOnce(threadPoolSize(), availableParallelism()),
  waiting: WAITING,
})

/**
 * How much work a pool of so many threads is given at a time, on so many cores: a second piece for each thread, which
 * is there when the first has ended, whatever the event loop does meanwhile; but never more that runs than there are
 * cores, as it would take them from the event loop.
 */
export function atOnce(threads: number, cores: number): number {
  return threads > cores ? cores : 2 * threads
}

/** Creates a line with nobody in it. */
export function createPoolLine({ atOnce, waiting: most }: PoolLineOptions): PoolLine {
  let running = 0
  const waiting: (() => void)[] = []

  function begin(start: () => void): void {
    running += 1
    start()
  }
  function advance(): void {
    running -= 1
    while (running < atOnce) {
      const start = waiting.shift()
      if (!start) return
      begin(start)
    }
  }
  return (work) =>
    new Promise((resolve, reject) => {
      function start(): void {
        try {
          work((error, result) => {
            advance()
            if (error) reject(error)
            else resolve(result)
          })
        } catch (error) {
          // it never began: whoever called this goes on with the next
          running -= 1
          reject(error)
        }
      }
      if (running < atOnce) begin(start)
      else if (waiting.length < most) waiting.push(start)
      else reject(new CountersignError('overload', 'expected fewer signatures at once'))
    })
}
