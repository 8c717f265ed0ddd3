import { writeSync } from 'node:fs'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

/** Ends this process when an input keeps it busy for good, which no timer of its own could. */
export interface Watchdog {
  /** Says that another input begins; `what` names the run, for who has to find it again. */
  begin(what: string): void
  stop(): Promise<unknown>
}

/** Milliseconds after which an input counts as one without end. */
const PATIENCE = 30_000
const TEXT_SIZE = 200

/** Starts one in a thread of its own. */
export function startWatchdog(): Watchdog {
  const count = new Int32Array(new SharedArrayBuffer(4))
  const text = Buffer.from(new SharedArrayBuffer(TEXT_SIZE))
  const worker = new Worker(new URL(import.meta.url), { workerData: { count, text } })
  return {
    begin(what) {
      text.fill(0).write(what)
      Atomics.add(count, 0, 1)
    },
    stop: () => worker.terminate(),
  }
}

function watch({ count, text }: { readonly count: Int32Array; readonly text: Uint8Array }): void {
  let last = -1
  setInterval(() => {
    const now = Atomics.load(count, 0)
    if (now === last) {
      writeSync(2, `no end: input ${now}, ${Buffer.from(text).toString().replace(/\0+$/, '')}\n`)
      process.kill(process.pid, 'SIGKILL')
    }
    last = now
  }, PATIENCE)
}

if (!isMainThread && workerData?.count !== undefined) watch(workerData)
