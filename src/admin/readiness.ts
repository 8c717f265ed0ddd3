import type { ConfigurationState } from '../observe.ts'

/** The answer to `/readyz?verbose`. */
export interface ReadinessReport {
  readonly ready: boolean
  /** True when it serves, but not what the files say now. */
  readonly degraded: boolean
  readonly generation?: number
  /** When that generation was loaded, as an ISO 8601 time. */
  readonly loadedAt?: string
  /** For how many seconds that generation has served. */
  readonly age?: number
  /** What is wrong in the files that were refused, and where: the first of it. */
  readonly refusals?: readonly string[]
  readonly checks: readonly {
    readonly name: string
    readonly ok: boolean
    readonly reason: string
  }[]
}

/** How one of several worker processes is. */
export interface WorkerCheck {
  /** From 1. */
  readonly worker: number
  /** True when it serves. */
  readonly ok: boolean
  readonly reason: string
}

/**
 * Says why an instance is ready or not, a reason a check. `state` is how the last readings of its files ended; without
 * `workers` it is one process.
 */
export function readinessReport(
  ready: boolean,
  state?: ConfigurationState,
  workers: readonly WorkerCheck[] = [],
): ReadinessReport {
  const proxy = {
    name: 'proxy',
    ok: ready,
    reason: ready ? 'requests are accepted' : 'starting or draining',
  }
  if (!state) return { ready, degraded: false, checks: [proxy] }
  const { generation, loadedAt, age, degraded, refusals = [] } = state
  const reason = degraded
    ? `a later reading was refused: generation ${generation} goes on serving`
    : `generation ${generation} serves`
  return {
    ready,
    degraded,
    generation,
    loadedAt: new Date(loadedAt).toISOString(),
    ...(age !== undefined && { age: Math.floor(age / 1000) }),
    ...(degraded && { refusals: refusals.slice(0, MOST_REFUSALS) }),
    checks: [
      proxy,
      { name: 'configuration', ok: !degraded, reason },
      ...workers.map(({ worker, ...check }) => ({ name: `worker ${worker}`, ...check })),
    ],
  }
}

/** More are in the log. */
const MOST_REFUSALS = 20
