import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterThisTest } from './after-test.ts'
import type { OpenLoopOptions } from './open-loop/options.ts'
import type { LoadReport } from './open-loop/report.ts'

export type { LoadKind, LoadTarget, OpenLoopOptions, VerifyOptions } from './open-loop/options.ts'
export { STANDARD_LOAD, STANDARD_MIX } from './open-loop/options.ts'
export type { Failure, LoadReport, SeenToken } from './open-loop/report.ts'

/** A load that runs. */
export interface RunningLoad {
  /** When it began, in milliseconds since the epoch. */
  readonly start: number
  /** What came of it, when its time is over and the last answer is here. */
  readonly report: Promise<LoadReport>
  /** Sends nothing more, and gives the report when the last answer is here. */
  stop(): Promise<LoadReport>
}

const GENERATOR = fileURLToPath(new URL('open-loop/generator.ts', import.meta.url))

/** Starts an open loop in a process of its own: requests go out when they are due, whatever becomes of earlier ones. */
export async function startOpenLoop(options: OpenLoopOptions): Promise<RunningLoad> {
  const child = fork(GENERATOR, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // JSON has no NaN
    serialization: 'advanced',
  })
  afterThisTest(() => void child.kill('SIGKILL'))
  const { promise: report, resolve, reject } = Promise.withResolvers<LoadReport>()
  // whoever stops waiting for the report has seen why already
  report.catch(() => {})
  child.on('message', (message) => {
    if (typeof message === 'object') resolve(message as LoadReport)
  })
  child.once('exit', (code, signal) => reject(new Error(`the load ended early: ${code ?? signal}`)))
  child.send(options)
  await once(child, 'message')
  return {
    start: Date.now(),
    report,
    stop() {
      if (child.connected) child.send('stop')
      return report
    },
  }
}

/** Runs an open loop to its end. */
export async function runOpenLoop(options: OpenLoopOptions): Promise<LoadReport> {
  return (await startOpenLoop(options)).report
}
