import { Gauge, type Registry } from '@prometheus-io/client'
import type { UpstreamUsage, Workload } from '../observe.ts'

/** Registers the metrics of what a proxy is busy with; what it gives sets them. */
export function workloadMetrics(registry: Registry): (workload: Workload) => void {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const requests = gauge(
    'countersign_requests_in_flight',
    'Requests under way, without streams; more than limits.requests are refused.',
  )
  const connections = gauge('countersign_connections', 'Open connections of clients.')
  const delay = new Gauge({
    name: 'countersign_eventloop_delay_seconds',
    help: 'How late the event loop ran what was due in the last 15 to 30 s.',
    labelNames: ['quantile'],
    aggregator: 'max',
    registers: [registry],
  })
  const used = gauge(
    'countersign_upstream_connections',
    'Exchanges under way with an upstream, without streams.',
    'upstream',
  )
  const streams = gauge('countersign_upstream_streams', 'Streams of an upstream.', 'upstream')
  const waiting = gauge(
    'countersign_upstream_waiting',
    'Requests that wait for a connection to an upstream.',
    'upstream',
  )
  return ({ requests: underWay, connections: open, loopDelay, upstreams }) => {
    requests.set(underWay)
    connections.set(open)
    delay.set({ quantile: '0.5' }, loopDelay.median)
    delay.set({ quantile: '0.99' }, loopDelay.p99)
    delay.set({ quantile: '1' }, loopDelay.max)
    sumUp(used, upstreams, ({ inUse }) => inUse)
    sumUp(streams, upstreams, (usage) => usage.streams)
    sumUp(waiting, upstreams, (usage) => usage.waiting)
  }
}

function sumUp(
  gauge: Gauge<string>,
  upstreams: readonly UpstreamUsage[],
  amount: (usage: UpstreamUsage) => number,
): void {
  // a reload may have taken an upstream away
  gauge.reset()
  for (const usage of upstreams) gauge.inc({ upstream: usage.upstream }, amount(usage))
}
