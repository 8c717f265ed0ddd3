import type { RunningProxy } from './run-proxy.ts'

/** How a stop goes. */
export interface StopOptions {
  /** False when nobody sends requests that has to learn of it first. Default true. */
  readonly drains?: boolean
}

/**
 * Runs until SIGTERM or SIGINT, then lets requests end and resolves; a second signal ends the process at once with 1.
 * At SIGTERM requests are still accepted for the drain delay. SIGHUP reads the files again.
 */
export async function untilStopped(
  proxy: RunningProxy,
  { drains = true }: StopOptions = {},
): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = true
    resolve(signal)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => void proxy.reload())
  const drain = (await stopped) === 'SIGTERM' && drains
  await proxy.close({ drain })
  console.error('stopped')
  // whatever should still be open does not matter any more
  setTimeout(() => process.exit(0), 100).unref()
}
