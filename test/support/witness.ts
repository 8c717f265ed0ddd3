import { writeFileSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'

/** What happened in a process that was started with `NODE_OPTIONS=--import=<this file>`. */
export interface Witnessed {
  /** How many errors nobody caught, rejections among them. */
  readonly uncaught: number
  /** Members that `Object.prototype` has more than at the start. */
  readonly added: readonly string[]
  /** Most bytes that were resident. */
  readonly maxRss: number
  /** Milliseconds of CPU between two turns of the event loop, 99 times of 100 at most: how late its work made it. */
  readonly delayP99: number
}

/** Variable that names the file where it is written, as JSON, when the process ends. */
export const WITNESS_FILE = 'WITNESS_FILE'

/** Milliseconds between two looks. */
const INTERVAL = 10

const file = process.env[WITNESS_FILE]
// without the variable this is a module like any other, whose types are imported
if (file !== undefined) observe(file)

function observe(path: string): void {
  const before = Object.getOwnPropertyNames(Object.prototype)
  const delay = createHistogram()
  let last = process.threadCpuUsage()
  // not by the clock: it goes on while other processes of the machine run
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(last)
    last = process.threadCpuUsage()
    delay.record(Math.max(1, user + system))
  }, INTERVAL).unref()
  let uncaught = 0
  process.on('uncaughtExceptionMonitor', () => {
    uncaught += 1
  })
  process.on('exit', () => {
    const names = Object.getOwnPropertyNames(Object.prototype)
    const added = names.filter((name) => !before.includes(name))
    const witnessed: Witnessed = {
      uncaught,
      added,
      maxRss: process.resourceUsage().maxRSS * 1024,
      delayP99: delay.percentile(99) / 1000,
    }
    writeFileSync(path, JSON.stringify(witnessed))
  })
}
