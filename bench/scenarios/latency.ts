import type { Contender, Running } from '../contender.ts'
import { countersign } from '../contenders/countersign.ts'
import { nginx } from '../contenders/nginx.ts'
import { atMost } from '../finding.ts'
import { measure } from '../measure.ts'
import { median } from '../median.ts'
import type { Samples } from '../sample.ts'
import type { Scenario } from '../scenario.ts'
import { CALLER } from '../token-shape.ts'
import { type Load, runWrk } from '../wrk.ts'

/** Mean milliseconds that a connection waits before each request. */
const PAUSE = 10
const LOAD: Load = { path: '/orders/7', headers: CALLER }

/** What a request waits longer when something stands before the upstream. */
export const latency: Scenario = {
  name: 'latency',
  about:
    'Half of the requests/s that countersign manages with a cached ES256 token, for all; direct is the upstream itself.',
  async run(setting) {
    const started: Contender[] = [countersign(), nginx]
    const { url, pid } = setting.upstream
    const running = new Map<string, Running>([['direct', { url, pid, stop: async () => {} }]])
    for (const contender of started) {
      running.set(
        contender.name,
        await contender.start(setting, { algorithm: 'ES256', reuses: true }),
      )
    }
    const ours = running.get('countersign') as Running
    await runWrk(setting, ours.url, LOAD, 2)
    const full = await runWrk(setting, ours.url, LOAD, 2)
    const connections = Math.max(1, Math.round((full.rps / 2) * (PAUSE / 1000)))
    const script = `delay = function() return math.random(1, ${2 * PAUSE - 1}) end\n`
    const samples = await measure(setting, running, { ...LOAD, connections, script })
    const what = 'p50 added at half load, against what nginx adds'
    return { samples, findings: [atMost(9, what, 2.5, added(samples))] }
  },
}

/** What ours adds to the median of the upstream itself, as a multiple of what nginx adds; median of the rounds. */
function added(samples: Samples): number {
  const p50 = (name: string, round: number) => samples.get(name)?.[round]?.p50 ?? Number.NaN
  const direct = samples.get('direct') ?? []
  return median(
    direct.map(({ p50: without }, round) => {
      return (p50('countersign', round) - without) / (p50('nginx', round) - without)
    }),
  )
}
