import { onTestFinished } from 'vitest'

/** Counts the turns of the event loop from now on, until the test has finished. */
export function countTurns(): () => number {
  let turns = 0
  let next = setImmediate(count)
  function count(): void {
    turns += 1
    next = setImmediate(count)
  }
  onTestFinished(() => clearImmediate(next))
  return () => turns
}
