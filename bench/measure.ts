import type { Running } from './contender.ts'
import { costOf } from './process-tree.ts'
import type { Sample, Samples } from './sample.ts'
import type { Setting } from './setting.ts'
import { type Load, runWrk, tryWrk } from './wrk.ts'

/** After so many requests code is compiled as it will be, connections are open, and caches hold what they will. */
const WARM_UP = 20_000
const WARM_UP_SECONDS = 2
const WARM_UP_RUNS = 4

/** Loads contenders by turns, round after round, so that what changes on the machine changes for all. */
export async function measure(
  setting: Setting,
  contenders: ReadonlyMap<string, Running>,
  load: Load,
): Promise<Samples> {
  const samples = new Map([...contenders.keys()].map((name) => [name, [] as Sample[]]))
  for (const running of contenders.values()) await warmUp(setting, running, load)
  for (let round = 0; round < setting.rounds; round += 1) {
    for (const [name, running] of contenders) {
      samples.get(name)?.push(await measureOnce(setting, running, load))
    }
  }
  return samples
}

/** Loads a contender untimed. What is not compiled yet may be so slow on a busy machine that ours refuses some requests as overload. */
export async function warmUp(setting: Setting, { url }: Running, load: Load): Promise<void> {
  let answered = 0
  for (let run = 0; run < WARM_UP_RUNS && answered < WARM_UP; run += 1) {
    answered += (await tryWrk(setting, url, load, WARM_UP_SECONDS)).requests
  }
}

/** Loads one contender once. */
export async function measureOnce(
  setting: Setting,
  { url, pid }: Running,
  load: Load,
): Promise<Sample> {
  const before = costOf(pid)
  const { requests, rps, p50, p99 } = await runWrk(setting, url, load, setting.seconds)
  const after = costOf(pid)
  return {
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
    rps,
    p50,
    p99,
    rssMb: after.rss / 2 ** 20,
  }
}
