import { setTimeout as wait } from 'node:timers/promises'
import { startCountersign } from '../contenders/countersign.ts'
import { exchange } from '../exchange.ts'
import { atMost } from '../finding.ts'
import { type Many, writeMany, writeOneOfMany } from '../many-policies.ts'
import { median } from '../median.ts'
import type { Scenario } from '../scenario.ts'

const MANY: Many = { policies: 10_000, routes: 1000 }
const PROBE = `${import.meta.dirname}/../programs/probe.ts`

/** One file of very many changes. */
export const reload: Scenario = {
  name: 'reload',
  about: 'One of 10,000 policy files changes, and POST /-/reload says when the change serves.',
  async run(setting) {
    const task = { algorithm: 'ES256', reuses: true } as const
    const running = await startCountersign(setting, task, {
      flags: ['--admin', '127.0.0.1:0'],
      nodeFlags: ['--import', PROBE],
      talks: true,
      write: (folder) => writeMany(folder, setting, MANY),
    })
    const { child, folder } = running
    const [, admin = ''] = await child.waitFor(/^admin\s+(http\S+?)\/?$/m)
    const times: number[] = []
    const pauses: number[] = []
    for (let round = -1; round < setting.rounds; round += 1) {
      writeOneOfMany(folder, 7, MANY.routes, { change: String(round) })
      await child.ask('watch')
      const begun = performance.now()
      await exchange(`${admin}/-/reload`, { method: 'POST', headers: { 'content-length': '0' } })
      const time = performance.now() - begun
      // what the watcher does about the same change, and what is collected then, counts as a pause too
      await wait(1500)
      const pause = Number(await child.ask('pause'))
      // the first runs code that was never compiled
      if (round < 0) continue
      times.push(time)
      pauses.push(pause)
    }
    return {
      samples: new Map(),
      findings: [
        atMost(6, 'reload of one changed file among 10,000', 200, median(times), 'ms'),
        atMost(6, 'longest pause of that reload', 50, median(pauses), 'ms'),
      ],
    }
  },
}
