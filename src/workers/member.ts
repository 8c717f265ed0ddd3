import cluster from 'node:cluster'
import { type Call, createCalls } from './calls.ts'
import type { PrimaryMethods, Reading, WorkerMethods } from './methods.ts'
import { endOf, workerPort } from './ports.ts'

/** One worker process, as the primary sees it. */
export interface Member {
  /** Its place among the workers, from 1. One that takes its place has the same. */
  readonly number: number
  readonly call: Call<WorkerMethods>
  /** Settles when the process is gone, with its exit code or the name of the signal, or cannot be started, with why. */
  readonly ended: Promise<number | string>
  /** What it has read last, and serves when it serves. */
  reading?: Reading
  readonly isServing: boolean
  /** It listens from now on. */
  serves(): void
  /** True when it has served for a while: its end has nothing to do with that of the one before. */
  hasSettled(): boolean
  kill(): void
}

/** Milliseconds between two looks at a worker, and without an answer until it is taken for hung. */
const HEARTBEAT = { every: 5000, patience: 30_000 }

/** Milliseconds after which a worker serves well. */
const SETTLED = 60_000

/**
 * Starts a worker with these variables; `methods` are what it may ask. One whose event loop hangs is killed.
 * Throws where the system has no room for a process.
 */
export function startMember(
  number: number,
  env: Readonly<Record<string, string>>,
  methods: (member: Member) => PrimaryMethods,
): Member {
  const worker = cluster.fork({ ...env, [WORKER_NUMBER]: String(number) })
  // told by its end as well, and thrown where nobody listens
  worker.on('error', () => {})
  const kill = () => void worker.process.kill('SIGKILL')
  let servedSince: number | undefined
  const member: Member = {
    number,
    get isServing() {
      return servedSince !== undefined
    },
    serves() {
      servedSince = performance.now()
    },
    hasSettled: () => servedSince !== undefined && performance.now() - servedSince > SETTLED,
    kill,
    ended: endOf(worker.process),
    call: createCalls<WorkerMethods>(workerPort(worker), {
      changed: (nothing) => methods(member).changed(nothing),
      token: (key) => methods(member).token(key),
      made: (made) => methods(member).made(made),
      failed: (failed) => methods(member).failed(failed),
    } satisfies PrimaryMethods),
  }
  watchHeartbeat(member)
  return member
}

/** The variable that tells a worker its number. */
export const WORKER_NUMBER = 'COUNTERSIGN_WORKER_NUMBER'

function watchHeartbeat({ call, ended, kill }: Member): void {
  const look = setInterval(() => {
    const timer = setTimeout(kill, HEARTBEAT.patience)
    const seen = () => clearTimeout(timer)
    call('isAlive', null).then(seen, seen)
  }, HEARTBEAT.every)
  void ended.then(() => clearInterval(look))
}
