import { startCountersign } from '../contenders/countersign.ts'
import { exchange } from '../exchange.ts'
import { atMost } from '../finding.ts'
import { median } from '../median.ts'
import type { Scenario } from '../scenario.ts'
import { CALLER } from '../token-shape.ts'

/** From nothing to the first request that was forwarded with a token. */
export const start: Scenario = {
  name: 'start',
  about: 'From the start of the process to the first answer, with one policy.',
  async run(setting) {
    const times: number[] = []
    for (let round = -1; round < setting.rounds; round += 1) {
      const running = await startCountersign(setting, { algorithm: 'ES256', reuses: true })
      await exchange(`${running.url}/orders/7`, { headers: CALLER })
      // the first brings the files into memory
      if (round >= 0) times.push(performance.now() - running.begun)
      await running.stop()
    }
    const what = 'start to first served request'
    return { samples: new Map(), findings: [atMost(7, what, 450, median(times), 'ms')] }
  },
}
