import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import type { BreakerEvent, RetryEvent } from '../observe.ts'

/** State of a circuit breaker as a number: the higher, the less the address is used. */
const STATES: Readonly<Record<BreakerEvent['state'], number>> = { closed: 0, halfOpen: 1, open: 2 }

/** Registers the metrics of how upstreams fail; what it gives counts one event. */
export function upstreamMetrics(registry: Registry): (event: BreakerEvent | RetryEvent) => void {
  const registers = [registry]
  const retries = new Counter({
    name: 'countersign_upstream_retries_total',
    help: 'Requests that were sent once more, as their connection had been closed meanwhile.',
    labelNames: ['upstream'],
    registers,
  })
  const labelNames = ['upstream', 'address']
  const state = new Gauge({
    name: 'countersign_upstream_breaker_state',
    help: 'Whether an address that failed gets requests: 0 it does, 1 one that tries it, 2 none.',
    labelNames,
    aggregator: 'max',
    registers,
  })
  const opened = new Counter({
    name: 'countersign_upstream_breaker_opened_total',
    help: 'How often an address was left without requests because it failed.',
    labelNames,
    registers,
  })
  return (event) => {
    const { upstream } = event
    if (event.type === 'retry') {
      retries.inc({ upstream })
      return
    }
    const labels = { upstream, address: event.address }
    state.set(labels, STATES[event.state])
    opened.inc(labels, event.state === 'open' ? 1 : 0)
  }
}
