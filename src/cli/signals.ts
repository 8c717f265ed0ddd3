import type { RunningProxy } from './run-proxy.ts'

/** Time that requests under way have to end, in milliseconds. */
const GRACE = 25_000

/**
 * Runs until SIGTERM or SIGINT, then lets requests end and resolves; a second signal ends the process at
 * once with 1. SIGHUP reads the files again.
 */
export async function untilStopped(proxy: RunningProxy): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>()
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    resolve()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => void proxy.reload())
  await stopped
  const timer = setTimeout(() => {
    console.error('stopped, requests under way were cut off')
    process.exit(0)
  }, GRACE)
  await proxy.close()
  clearTimeout(timer)
  console.error('stopped')
}
