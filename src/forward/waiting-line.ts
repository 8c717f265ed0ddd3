import type { CountersignError } from '../errors.ts'

/** Somebody who waits for a turn. */
export interface Waiter {
  /** It is its turn. */
  proceed(): void
  /** It will have none. */
  fail(error: CountersignError): void
}

/** Who waits, in the order of arrival. */
export interface WaitingLine {
  size(): number
  /**
   * Lets a waiter stand in line until its turn, until `signal` aborts with its reason, or for at most `limit`
   * milliseconds, when it fails with what `late` gives.
   */
  join(waiter: Waiter, limit: number, late: () => CountersignError, signal?: AbortSignal): void
  /** Whose turn it is: the first, which leaves the line when it proceeds; undefined when nobody waits. */
  next(): Waiter | undefined
}

/** Creates an empty line. */
export function createWaitingLine(): WaitingLine {
  const line = new Set<Waiter>()
  return {
    size: () => line.size,
    join(waiter, limit, late, signal) {
      const leave = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        line.delete(entry)
      }
      const fail = (error: CountersignError) => {
        leave()
        waiter.fail(error)
      }
      const onAbort = () => fail(signal?.reason)
      const timer = setTimeout(() => fail(late()), limit)
      const entry: Waiter = {
        proceed() {
          leave()
          waiter.proceed()
        },
        fail,
      }
      line.add(entry)
      if (signal?.aborted) onAbort()
      else signal?.addEventListener('abort', onAbort)
    },
    next() {
      const [first] = line
      return first
    },
  }
}
