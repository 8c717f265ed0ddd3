import { median } from './median.ts'

const BATCH = 20_000
const WARM_UP = 5
const ROUNDS = 15

/** CPU time of one call in microseconds: the median of batches. Waits only for what gives a promise. */
export async function cpuMicrosEach(call: () => unknown): Promise<number> {
  const batches: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const before = process.cpuUsage()
    for (let at = 0; at < BATCH; at += 1) {
      const result = call()
      if (result instanceof Promise) await result
    }
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) batches.push((user + system) / BATCH)
  }
  return median(batches)
}
