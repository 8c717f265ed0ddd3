import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { type RunningCountersign, startCountersign } from '../contenders/countersign.ts'
import { atMost } from '../finding.ts'
import { type BenchKey, pkcs8 } from '../keys.ts'
import { measureOnce, warmUp } from '../measure.ts'
import { ratio, type Sample } from '../sample.ts'
import type { Scenario } from '../scenario.ts'
import type { Setting } from '../setting.ts'
import { CALLER, policyText } from '../token-shape.ts'
import { runWrk } from '../wrk.ts'

const SYNCHRONOUS = `${import.meta.dirname}/../programs/sign-on-event-loop.ts`
/** What saturates the process; and the callers who should not notice. */
const EXPENSIVE = { path: '/rsa', headers: CALLER, connections: 8 }
const CHEAP = { path: '/hmac', headers: CALLER, connections: 8 }

/** What a route with HS256 feels of one with RS256-4096. */
export const rsaIsolation: Scenario = {
  name: 'rsa-isolation',
  about:
    'A route with HS256 while another saturates the process with RS256 (4096 bits), both for each request; countersign-sync signs RSA on the event loop. CPU is of both routes, by requests of the first.',
  async run(setting) {
    const contenders = new Map([
      ['countersign', await start(setting, [])],
      ['countersign-sync', await start(setting, ['--import', SYNCHRONOUS])],
    ])
    for (const running of contenders.values()) await warmUp(setting, running, CHEAP)
    const samples = new Map([...contenders.keys()].map((name) => [name, [] as Sample[]]))
    for (let round = 0; round < setting.rounds; round += 1) {
      for (const [name, running] of contenders) {
        const saturated = runWrk(setting, running.url, EXPENSIVE, setting.seconds + 1)
        samples.get(name)?.push(await measureOnce(setting, running, CHEAP))
        await saturated
      }
    }
    const measured = ratio(samples, 'countersign', 'countersign-sync', 'p99')
    const what = 'p99 of HS256 beside RS256-4096, against RSA on the event loop'
    return { samples, findings: [atMost(3, what, 0.25, measured)] }
  },
}

function start(setting: Setting, nodeFlags: readonly string[]): Promise<RunningCountersign> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 4096 })
  const file = `${setting.folder}/rsa-4096.key`
  writeFileSync(file, pkcs8(privateKey), { mode: 0o600 })
  const rsa: BenchKey = { algorithm: 'RS256', file, verifyWith: publicKey }
  return startCountersign(
    setting,
    { algorithm: 'RS256', reuses: false },
    {
      nodeFlags,
      cores: setting.cores.all,
      write(folder, { upstream, keys }) {
        const routes = [{ name: 'all', upstream: upstream.url }]
        writeFileSync(`${folder}/countersign.yaml`, JSON.stringify({ routes }))
        const policy = (name: string, key: BenchKey) =>
          writeFileSync(
            `${folder}/policies/${name}.yaml`,
            policyText({ name, key, reuses: false, path: `/${name}` }),
          )
        policy('rsa', rsa)
        policy('hmac', keys.HS256)
      },
    },
  )
}
