import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { LoopDelay } from '../../observe.ts'

/** Milliseconds between two measurements. */
const EVERY = 20
/** Milliseconds after which measurements begin to be forgotten. */
const WINDOW = 15_000
const NANOSECONDS = 1e6

/** Measures how late the event loop runs what is due. */
export interface LoopClock {
  /** Delays of the last 15 to 30 seconds, however often it is asked. */
  delays(): LoopDelay
  stop(): void
}

/** One measurement, in milliseconds. */
export interface Lateness {
  /** How late the loop ran what was due. */
  readonly late: number
  /** Since the measurement before. */
  readonly passed: number
  /** Of that, how long the loop had nothing to do. */
  readonly idle: number
}

/** What is measured: the loop of this process, unless a test is. */
export interface LoopMeasures {
  monotonic(): number
  /** Milliseconds for which the loop has waited for something to do, of all times. */
  idle(): number
}

/** Starts to measure; `told` gets each measurement. Does not keep the process alive. */
export function startLoopClock(
  { monotonic, idle }: LoopMeasures,
  told: (measured: Lateness) => void,
): LoopClock {
  let [current, before] = [createHistogram(), createHistogram()]
  let last = { at: monotonic(), idle: idle() }
  let began = last.at
  const timer = setInterval(() => {
    const now = { at: monotonic(), idle: idle() }
    const passed = now.at - last.at
    const late = Math.max(0, passed - EVERY)
    if (now.at - began >= WINDOW) {
      before.reset()
      ;[current, before] = [before, current]
      began = now.at
    }
    current.record(Math.max(1, Math.round(late * NANOSECONDS)))
    told({ late, passed, idle: now.idle - last.idle })
    last = now
  }, EVERY).unref()
  return {
    delays: () => summary(current, before),
    stop: () => clearInterval(timer),
  }
}

/** The loop of this process. */
export function processLoop(): LoopMeasures {
  return { monotonic: () => performance.now(), idle: () => performance.eventLoopUtilization().idle }
}

function summary(...windows: readonly RecordableHistogram[]): LoopDelay {
  const all = createHistogram()
  for (const window of windows) all.add(window)
  if (all.count === 0) return { median: 0, p99: 0, max: 0 }
  const seconds = (nanoseconds: number) => nanoseconds / 1e9
  return {
    median: seconds(all.percentile(50)),
    p99: seconds(all.percentile(99)),
    max: seconds(all.max),
  }
}
