/** The longest delay that `setTimeout` knows; it takes a longer one for 1 ms. */
const LONGEST = 2 ** 31 - 1

/**
 * Calls `ring` once, when `dueIn` has come down to 0 milliseconds; it is asked again at the end of each wait.
 * Does not keep the process alive. Returns what ends it before.
 */
export function startAlarm(dueIn: () => number, ring: () => void): () => void {
  let timer: NodeJS.Timeout
  function wait(): void {
    const delay = Math.min(Math.max(dueIn(), 0), LONGEST)
    timer = setTimeout(() => (dueIn() > 0 ? wait() : ring()), delay).unref()
  }
  wait()
  return () => clearTimeout(timer)
}
