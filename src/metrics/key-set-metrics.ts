import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import type { KeySetEvent } from '../observe.ts'

/** Registers the metrics of JWK sets that are fetched; what it gives counts one fetch. */
export function keySetMetrics(registry: Registry): (event: KeySetEvent) => void {
  const labelNames = ['url']
  const registers = [registry]
  const failures = new Counter({
    name: 'countersign_key_set_failures_total',
    help: 'JWK sets for inbound tokens that could not be fetched.',
    labelNames,
    registers,
  })
  const usable = new Gauge({
    name: 'countersign_key_set_usable',
    help: '1 when a JWK set could be used after it was last asked for, 0 when there was none.',
    labelNames,
    aggregator: 'min',
    registers,
  })
  return ({ url, error, usableFor }) => {
    failures.inc({ url }, error ? 1 : 0)
    usable.set({ url }, usableFor > 0 ? 1 : 0)
  }
}
