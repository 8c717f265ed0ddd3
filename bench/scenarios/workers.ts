import { writeFileSync } from 'node:fs'
import type { Contender } from '../contender.ts'
import { countersign } from '../contenders/countersign.ts'
import { atLeast } from '../finding.ts'
import { race } from '../race.ts'
import { ratio } from '../sample.ts'
import { CLAIMS, expectedClaims, policyText } from '../token-shape.ts'

/** So much for each request that what the load takes of the same cores is little. */
const COSTLY = '#[$count($map([1..50], function($each) { $each & attributes.method }))]'
const PATH = '/orders/7'

/** One worker against two. */
export const workers = race({
  name: 'workers',
  about:
    'A claim that takes long to compute, HS256 for each request, on all cores: --workers 2 against --workers 1.',
  task: { algorithm: 'HS256', reuses: false },
  contenders: [withWorkers('countersign', 2), withWorkers('countersign-1', 1)],
  // more would wait so long on a busy machine that ours refuses some as overload
  load: { connections: 16 },
  checked: {
    path: PATH,
    claims: { ...expectedClaims('GET', `${PATH}/seen`), costly: 50 },
  },
  findings: (samples) => [
    atLeast(
      8,
      'two workers, requests/s against one',
      1.8,
      ratio(samples, 'countersign', 'countersign-1', 'rps'),
    ),
  ],
})

function withWorkers(name: string, count: number): Contender {
  const usual = countersign()
  return {
    ...usual,
    name,
    start: (setting, task) =>
      countersign({
        flags: ['--workers', String(count)],
        cores: setting.cores.all,
        write(folder, { upstream, keys }) {
          const routes = [{ name: 'all', upstream: upstream.url }]
          writeFileSync(`${folder}/countersign.yaml`, JSON.stringify({ routes }))
          const claims = { ...CLAIMS, costly: COSTLY }
          const policy = { key: keys[task.algorithm], reuses: task.reuses, claims }
          writeFileSync(`${folder}/policies/bench.yaml`, policyText(policy))
        },
      }).start(setting, task),
  }
}
