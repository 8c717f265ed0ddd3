import type { ConfigurationState } from '../observe.ts'

/** The answer to `/readyz?verbose`. */
export interface ReadinessReport {
  readonly ready: boolean
  /** True when it serves, but not what the files say now. */
  readonly degraded: boolean
  readonly generation?: number
  /** When that generation was loaded, as an ISO 8601 time. */
  readonly loadedAt?: string
  readonly checks: readonly {
    readonly name: string
    readonly ok: boolean
    readonly reason: string
  }[]
}

/** Says why an instance is ready or not, a reason a check. `state` is how the last readings of its files ended. */
export function readinessReport(ready: boolean, state?: ConfigurationState): ReadinessReport {
  const proxy = {
    name: 'proxy',
    ok: ready,
    reason: ready ? 'requests are accepted' : 'starting or draining',
  }
  if (!state) return { ready, degraded: false, checks: [proxy] }
  const { generation, loadedAt, degraded } = state
  const reason = degraded
    ? `a later reading was refused: generation ${generation} goes on serving, see the log`
    : `generation ${generation} serves`
  return {
    ready,
    degraded,
    generation,
    loadedAt: new Date(loadedAt).toISOString(),
    checks: [proxy, { name: 'configuration', ok: !degraded, reason }],
  }
}
