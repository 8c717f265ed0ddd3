import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import type { ConnectionEvent, OverloadEvent, RequestEvent } from '../observe.ts'

/** Registers the metrics of what there is too much of; what it gives counts one event. */
export function refusalMetrics(
  registry: Registry,
): (event: ConnectionEvent | OverloadEvent | RequestEvent) => void {
  const registers = [registry]
  const connections = new Counter({
    name: 'countersign_connections_refused_total',
    help: 'Connections of clients that were not served.',
    labelNames: ['reason'],
    registers,
  })
  for (const reason of ['limit', 'handshake'] as const) connections.inc({ reason }, 0)
  const overloaded = new Gauge({
    name: 'countersign_overloaded',
    help: '1 while requests are refused because this is short.',
    labelNames: ['cause'],
    aggregator: 'max',
    registers,
  })
  for (const cause of ['eventLoop', 'memory'] as const) overloaded.set({ cause }, 0)
  const requests = new Counter({
    name: 'countersign_overload_refusals_total',
    help: 'Requests that were refused because too much was being done at once.',
    registers,
  })
  return (event) => {
    if (event.type === 'connection') connections.inc({ reason: event.refused })
    else if (event.type === 'overload') overloaded.set({ cause: event.cause }, event.active ? 1 : 0)
    else if (event.error?.code === 'overload') requests.inc()
  }
}
