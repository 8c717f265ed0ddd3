import { setImmediate } from 'node:timers/promises'

/** Milliseconds that work of many small steps may take before others get a turn of the event loop. */
const SLICE = 8

/** Called between two steps: waits for a turn once a slice is over, so that requests are not held up. */
export function createTurns(): () => Promise<void> | undefined {
  let begun = performance.now()
  return () => {
    if (performance.now() - begun < SLICE) return undefined
    return setImmediate().then(() => {
      begun = performance.now()
    })
  }
}
