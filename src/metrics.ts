import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { Environment } from './environment.ts'
import { keySetMetrics } from './metrics/key-set-metrics.ts'
import { readingMetrics } from './metrics/reading-metrics.ts'
import { requestMetrics } from './metrics/request-metrics.ts'
import type { Observer } from './observe.ts'

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
  /** All that was counted so far, in the Prometheus text format 0.0.4. */
  text(): Promise<string>
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
  const renewals = new Counter({
    name: 'countersign_renewal_failures_total',
    help: 'Tokens in a cache that could not be renewed.',
    labelNames: ['policy'],
    registers: [registry],
  })
  new Gauge({
    name: 'countersign_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node }, 1)
  return {
    observe(event) {
      if (event.type === 'request') countRequest(event)
      else if (event.type === 'configuration') countReading(event)
      else if (event.type === 'renewal') renewals.inc({ policy: event.policy })
      else countFetch(event)
    },
    text: () => registry.metrics(),
  }
}
