import { availableParallelism } from 'node:os'
import { InvalidArgumentError } from 'commander'

/** Most workers; each holds the whole configuration. */
const MOST = 256

/** How many processes serve; `auto`: one for each core that may be used. Throws `InvalidArgumentError`. */
export function workersFlag(text: string): number {
  if (text === 'auto') return availableParallelism()
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > MOST) {
    throw new InvalidArgumentError(`expected a number from 1 to ${MOST}, or auto`)
  }
  return count
}
