import { CountersignError } from '../errors.ts'

/** Passwords that wait to be compared, of which only so many are at a time. */
export interface PasswordQueue {
  /** Makes a comparison when it is its turn. Throws `overload` when too many wait already. */
  take(compare: () => Promise<boolean>): Promise<boolean>
}

/** At most `concurrent` run and `queued` wait. */
export function createPasswordQueue(concurrent: number, queued: number): PasswordQueue {
  let running = 0
  const waiting: (() => void)[] = []
  return {
    async take(compare) {
      if (running < concurrent) running += 1
      else if (waiting.length < queued) await new Promise<void>((next) => waiting.push(next))
      else throw new CountersignError('overload', 'expected fewer passwords to compare at once')
      try {
        return await compare()
      } finally {
        // a turn is handed on, so that nobody who comes later can take it
        const next = waiting.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
