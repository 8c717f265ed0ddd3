import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { Environment } from './environment.ts'
import { keySetMetrics } from './metrics/key-set-metrics.ts'
import { readingMetrics } from './metrics/reading-metrics.ts'
import { refusalMetrics } from './metrics/refusal-metrics.ts'
import { requestMetrics } from './metrics/request-metrics.ts'
import type { MetricSnapshot } from './metrics/snapshot.ts'
import { upstreamMetrics } from './metrics/upstream-metrics.ts'
import { workerMetrics } from './metrics/worker-metrics.ts'
import { workloadMetrics } from './metrics/workload-metrics.ts'
import type { Observer, Workload } from './observe.ts'

export { type MetricSnapshot, mergedText, totalsOf } from './metrics/snapshot.ts'

/** Settings of the metrics. */
export interface MetricsOptions extends Pick<Environment, 'now'> {
  /** Version of countersign. */
  readonly version: string
  /** Version of Node: `process.versions.node`. */
  readonly node: string
}

/** Counts events for Prometheus. */
export interface Metrics {
  /** Counts one event. */
  readonly observe: Observer
  /** Has the metrics tell from now on what a proxy and its log know of themselves. */
  follow(sources: MetricSources): void
  /** All that was counted so far, in the Prometheus text format 0.0.4. */
  text(): Promise<string>
  /** The same as JSON, to be merged with what other processes counted. */
  snapshot(): Promise<MetricSnapshot>
}

/** What is asked each time the metrics are read. */
export interface MetricSources {
  /** What the proxy is busy with; absent in a process that only supervises. */
  workload?(): Workload
  /** How many lines of the log were dropped. */
  droppedLines?: (() => number) | undefined
}

/** Content type of the text of metrics. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * Counts events in a registry of its own. Labels hold names from the files and words of fixed lists, never what a
 * client sent.
 */
export function createMetrics({ now, version, node }: MetricsOptions): Metrics {
  const registry = new Registry()
  const countRequest = requestMetrics(registry)
  const countReading = readingMetrics(registry, now)
  const countFetch = keySetMetrics(registry)
  const countUpstream = upstreamMetrics(registry)
  const countRefusal = refusalMetrics(registry)
  const setWorkload = workloadMetrics(registry)
  const workers = workerMetrics(registry)
  const renewals = new Counter({
    name: 'countersign_renewal_failures_total',
    help: 'Tokens in a cache that could not be renewed.',
    labelNames: ['policy'],
    registers: [registry],
  })
  const clockJumps = new Counter({
    name: 'countersign_clock_jumps_total',
    help: 'How often the wall clock moved otherwise than time passed.',
    registers: [registry],
  })
  const dropped = new Counter({
    name: 'countersign_log_dropped_total',
    help: 'Lines of the log that were dropped, as nobody took them.',
    registers: [registry],
  })
  new Gauge({
    name: 'countersign_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node'],
    aggregator: 'max',
    registers: [registry],
  }).set({ version, node }, 1)
  let sources: MetricSources | undefined
  let counted = 0

  function readSources(): void {
    if (!sources) return
    if (sources.workload) setWorkload(sources.workload())
    const lines = sources.droppedLines?.() ?? 0
    dropped.inc(lines - counted)
    counted = lines
  }
  return {
    observe(event) {
      switch (event.type) {
        case 'request':
          countRequest(event)
          return countRefusal(event)
        case 'configuration':
          return countReading(event)
        case 'renewal':
          return renewals.inc({ policy: event.policy })
        case 'keySet':
          return countFetch(event)
        case 'breaker':
        case 'retry':
          return countUpstream(event)
        case 'connection':
        case 'overload':
          return countRefusal(event)
        case 'clock':
          return clockJumps.inc()
        case 'worker':
          return workers.ended()
      }
    },
    follow(followed) {
      sources = followed
      if (followed.workload) workers.serves()
    },
    text() {
      readSources()
      return registry.metrics()
    },
    snapshot() {
      readSources()
      return registry.getMetricsAsJSON()
    },
  }
}
