import type { Environment } from '../environment.ts'

/** Most by which a time is spread, as a share of it. */
export const JITTER = 0.25

/** A factor between 1 and 1 + `JITTER`, so that what began together does not go on together. */
export function jitter({ random }: Pick<Environment, 'random'>): number {
  const [byte = 0] = random(1)
  return 1 + (byte / 0xff) * JITTER
}
