import { setTimeout } from 'node:timers/promises'
import { type OpenGateway, type OpenOptions, openGateway } from '../config/index.ts'
import { createStandalone, type Standalone } from '../hosts/index.ts'
import { createMetrics, type Metrics } from '../metrics.ts'
import { type ConfigurationEvent, type Observer, observeAll } from '../observe.ts'

/** What a proxy is made of. */
export interface ProxyOptions extends OpenOptions {
  /** Version of countersign. */
  readonly version: string
  /** Told of each reading of the files, in place of the observer and the metrics. */
  readonly onReading?: (event: ConfigurationEvent) => void
  /** How many lines of the log were dropped. */
  readonly droppedLines?: (() => number) | undefined
  /** Bytes of all bodies together that are buffered for policies. Default: that of one process. */
  readonly bodyBudget?: number
}

/** A proxy that listens nowhere yet. */
export interface OpenProxy {
  readonly opened: OpenGateway
  readonly standalone: Standalone
  readonly metrics: Metrics
  /**
   * Stops accepting, and settles when the requests under way have ended, the last of them cut off after
   * `shutdown.grace`. With `drain`, requests are accepted for `shutdown.drainDelay` before.
   */
  close(options?: { readonly drain: boolean }): Promise<void>
}

/** Milliseconds beyond the grace after which nothing is waited for any more. */
const LAST = 800

/** Loads the files. Rejects as `openGateway` does, before anything listens. */
export async function openProxy(options: ProxyOptions): Promise<OpenProxy> {
  const { environment, version, droppedLines, bodyBudget, onReading } = options
  const metrics = createMetrics({ now: environment.now, version, node: process.versions.node })
  const tellAll = observeAll([options.observe, metrics.observe])
  const observe: Observer = (event) => {
    if (onReading && event.type === 'configuration') onReading(event)
    else tellAll(event)
  }
  const opened = await openGateway({ ...options, observe })
  const { gateway } = opened
  const standalone = createStandalone({
    ...{ gateway, environment, observe },
    ...(bodyBudget !== undefined && { bodyBudget }),
  })
  metrics.follow({ workload: standalone.workload, droppedLines })
  return {
    opened,
    standalone,
    metrics,
    async close({ drain } = { drain: false }) {
      const { drainDelay, grace } = gateway.compiled.shutdown
      standalone.drain()
      if (drain) await setTimeout(drainDelay)
      // nothing that hangs may put the end off
      await Promise.race([
        standalone.close(grace),
        setTimeout(grace + LAST, undefined, { ref: false }),
      ])
      opened.close()
    },
  }
}
