/** Bytes of a body above which work on it keeps others waiting. */
const LARGE = 64 * 1024

// The event loop is one for the whole process, and so is the line for it.
let last: Promise<void> = Promise.resolve()

/**
 * When work on a body of so many bytes may begin: large ones, in the order of asking, get a turn of the event loop
 * each, so that what else is due comes between. Undefined for one that need not wait.
 */
export function ownTurn(bytes: number): Promise<void> | undefined {
  if (bytes <= LARGE) return undefined
  last = last.then(() => new Promise((resolve) => void setImmediate(resolve)))
  return last
}
