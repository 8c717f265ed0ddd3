import { countEach } from '../load.ts'
import type { Failure, FailureKind, Latency, LoadReport, Second } from './report.ts'

/** Counts what comes of requests. */
export interface Tally {
  /** A request that was due `due` ms after the start has ended; absent `kind`: as it should. */
  ended(due: number, took: number, kind?: FailureKind, detail?: string): void
  /** The generator got to a request so many milliseconds after it was due. */
  late(by: number): void
  report(): Omit<LoadReport, 'tokens' | 'seed'>
}

/** An empty tally of a load that began at `start`, in milliseconds since the epoch. */
export function createTally(start: number): Tally {
  const took = new Map<string, number[]>([['ok', []]])
  const failed: Failure[] = []
  const seconds: { -readonly [Key in keyof Second]: Second[Key] }[] = []
  const lateness: number[] = []

  return {
    late: (by) => void lateness.push(by),
    ended(due, milliseconds, kind, detail) {
      const times = took.get(kind ?? 'ok') ?? []
      took.set(kind ?? 'ok', times)
      times.push(milliseconds)
      const index = Math.floor(due / 1000)
      while (seconds.length <= index) seconds.push({ sent: 0, ok: 0, failed: 0, worst: 0 })
      const second = seconds[index]!
      second.sent += 1
      if (kind === undefined) {
        second.ok += 1
        second.worst = Math.max(second.worst, milliseconds)
        return
      }
      second.failed += 1
      failed.push({
        kind,
        at: start + due,
        took: milliseconds,
        ...(detail !== undefined && { detail }),
      })
    },
    report() {
      const { ok, ...failures } = Object.fromEntries(
        Array.from(took, ([kind, times]) => [kind, times.length]),
      )
      return {
        sent: [...took.values()].reduce((sum, { length }) => sum + length, 0),
        ok: ok ?? 0,
        failures,
        reasons: countEach(failed.map(({ kind, detail = '' }) => `${kind} ${detail}`.trimEnd())),
        failed: failed.toSorted((a, b) => a.at - b.at),
        ...latency(took.get('ok') ?? []),
        latencyOf: Object.fromEntries(Array.from(took, ([kind, times]) => [kind, latency(times)])),
        seconds,
        lateness: latency(lateness),
      }
    },
  }
}

/** Percentiles by the nearest rank. */
function latency(times: readonly number[]): Latency {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) =>
    sorted.length === 0
      ? Number.NaN
      : Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]! * 100) / 100
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), worst: at(1) }
}
