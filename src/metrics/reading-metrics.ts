import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import type { Environment } from '../environment.ts'
import type { ConfigurationEvent } from '../observe.ts'

/** Registers the metrics of readings of the files; what it gives counts one. */
export function readingMetrics(
  registry: Registry,
  now: Environment['now'],
): (event: ConfigurationEvent) => void {
  const registers = [registry]
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, aggregator: 'max', registers })
  const reloads = new Counter({
    name: 'countersign_config_reloads_total',
    help: 'Readings of the files after the first.',
    labelNames: ['result'],
    registers,
  })
  for (const result of ['success', 'failure']) reloads.inc({ result }, 0)
  const successful = gauge(
    'countersign_config_last_reload_successful',
    '1 when what the files say now is served, 0 when the last reading was refused.',
  )
  const succeededAt = gauge(
    'countersign_config_last_reload_success_timestamp_seconds',
    'When the files were last read without an error, in seconds since 1970.',
  )
  const generation = gauge('countersign_config_generation', 'The reading of the files that serves.')
  const policies = new Gauge({
    name: 'countersign_policies',
    help: 'Policies of the generation that serves.',
    labelNames: ['state'],
    aggregator: 'max',
    registers,
  })
  return (event) => {
    const { accepted } = event
    if (event.generation > 1) reloads.inc({ result: accepted ? 'success' : 'failure' })
    successful.set(accepted ? 1 : 0)
    if (!accepted) return
    succeededAt.set(now() / 1000)
    generation.set(event.generation)
    policies.set({ state: 'enabled' }, event.policies)
    policies.set({ state: 'disabled' }, event.disabled)
  }
}
