import { startCountersign } from '../contenders/countersign.ts'
import { atLeast } from '../finding.ts'
import { measureOnce, warmUp } from '../measure.ts'
import { median } from '../median.ts'
import type { Sample } from '../sample.ts'
import type { Scenario } from '../scenario.ts'
import type { Setting } from '../setting.ts'
import { CALLER } from '../token-shape.ts'

/** How far RS256 gets with two cores. */
export const rs256TwoCores: Scenario = {
  name: 'rs256-two-cores',
  about:
    'RS256 (2048 bits) for each request on two cores, against twice what `openssl speed` signs on one.',
  async run(setting) {
    if (setting.missing.has('openssl')) return { samples: new Map(), findings: [] }
    const cores = setting.cores.all.split(',').slice(0, 2).join(',')
    const running = await startCountersign(
      setting,
      { algorithm: 'RS256', reuses: false },
      { cores },
    )
    const load = { path: '/orders/7', headers: CALLER }
    await warmUp(setting, running, load)
    const samples: Sample[] = []
    const shares: number[] = []
    for (let round = 0; round < setting.rounds; round += 1) {
      const possible = 2 * (await opensslSignatures(setting))
      const sample = await measureOnce(setting, running, load)
      samples.push(sample)
      shares.push(sample.rps / possible)
    }
    const what = 'RS256 on two cores, requests/s against twice the signatures/s of openssl on one'
    return {
      samples: new Map([['countersign', samples]]),
      findings: setting.cores.count > 1 ? [atLeast(2, what, 0.75, median(shares))] : [],
    }
  },
}

/** Signatures a second on one core. */
async function opensslSignatures({ children, cores, seconds }: Setting): Promise<number> {
  const speed = children.start(
    ['openssl', 'speed', '-mr', '-seconds', String(seconds), 'rsa2048'],
    {
      cores: cores.contender,
    },
  )
  // versions differ in the unit of their results, not in what they counted
  const [, count, time] = /^\+R1:(\d+):2048:([\d.]+)/m.exec(await speed.finished()) ?? []
  return Number(count) / Number(time)
}
