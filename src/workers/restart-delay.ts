import type { Environment } from '../environment.ts'

/** Milliseconds before the first restart, and at most. */
const DELAY = { first: 500, most: 30_000 }
/** Share of a delay by which it is spread, so that workers that ended together do not start together. */
const SPREAD = 0.25

/** Milliseconds until a worker that has failed so many times in a row is started again. */
export function restartDelay(failures: number, { random }: Pick<Environment, 'random'>): number {
  const [byte = 0] = random(1)
  const delay = Math.min(DELAY.first * 2 ** (failures - 1), DELAY.most)
  return delay * (1 + (byte / 0xff) * SPREAD)
}
