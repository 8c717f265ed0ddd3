import type { Contender } from '../contender.ts'
import { startCountersign } from '../contenders/countersign.ts'
import { atMost } from '../finding.ts'
import { ASKED, MANY_CLAIMS, type Many, writeMany } from '../many-policies.ts'
import { costOf } from '../process-tree.ts'
import { race } from '../race.ts'
import { ratio } from '../sample.ts'

const PATH = ASKED[0] as string
/** Makes wrk take the paths by turns. */
const SCRIPT = `
local requests, at = {}, 0
init = function()
  for _, path in ipairs({ ${ASKED.map((path) => `"${path}"`).join(', ')} }) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
`

let seconds = Number.NaN
let megabytes = Number.NaN

/** Many policies against few, the requests being the same. */
export const policies10k = race({
  name: 'policies-10k',
  about:
    'Ten paths by turns, each with a cached ES256 token of 3 claims: 10,000 policies on 1,000 routes, against 10 on 10 routes and 1.',
  task: { algorithm: 'ES256', reuses: true },
  contenders: [
    many('countersign', { policies: 10_000, routes: 1000 }),
    many('countersign-10', { policies: 10, routes: 10 }),
    many('countersign-1', { policies: 1, routes: 1 }),
  ],
  load: { path: PATH, script: SCRIPT },
  checked: { path: PATH, claims: MANY_CLAIMS },
  findings: (samples) => [
    atMost(
      6,
      '10,000 policies on 1,000 routes, CPU against 10 on 10',
      1.15,
      ratio(samples, 'countersign', 'countersign-10'),
    ),
    atMost(6, 'start with 10,000 policies', 3, seconds, 's'),
    atMost(6, 'memory after that start', 250, megabytes, 'MB'),
  ],
})

function many(name: string, counts: Many): Contender {
  return {
    name,
    signs: true,
    async start(setting, task) {
      const write = (folder: string) => writeMany(folder, setting, counts)
      const running = await startCountersign(setting, task, { write })
      if (counts.policies === 10_000) {
        seconds = (performance.now() - running.begun) / 1000
        megabytes = costOf(running.pid).rss / 2 ** 20
      }
      return running
    },
  }
}
