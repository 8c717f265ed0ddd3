import { Counter, Gauge, type Registry } from '@prometheus-io/client'

/** Counts the processes that share the work. */
export interface WorkerMetrics {
  /** This process serves. */
  serves(): void
  /** A worker has ended. */
  ended(): void
}

/** Registers the metrics of worker processes. */
export function workerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry]
  const serving = new Gauge({
    name: 'countersign_workers',
    help: 'Processes that serve.',
    registers,
  })
  const restarts = new Counter({
    name: 'countersign_worker_restarts_total',
    help: 'Worker processes that ended although nobody told them to.',
    registers,
  })
  return { serves: () => serving.set(1), ended: () => restarts.inc() }
}
