import { execFile, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { startProxyProcess } from '../support/proxy-process.ts'
import { signedVariables } from '../support/signed-policy.ts'

/** Signs for each request, so that neither the load nor the upstream is what ends first. */
const POLICY = `
name: signed
jwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 300, iss: countersign, singleUse: true }
`
const ROUNDS = 5
const SECONDS = 4

const cores = availableParallelism()
const hasWrk = spawnSync('wrk', ['--version']).error === undefined
const missing = [
  ...(cores < 4 ? [`4 cores (two workers, the load, the upstream), there are ${cores}`] : []),
  ...(hasWrk ? [] : ['wrk (apt-get install wrk)']),
]

it('serves at least 1.8 times as much with two workers as with one', async ({ skip }) => {
  skip(missing.length > 0, `needs ${missing.join(' and ')}`)
  const upstream = await startChildUpstream({ delay: [0, 0] })
  const start = (workers: number) =>
    startProxyProcess({
      gateway: `shutdown: { drainDelay: 0s }\nroutes: [{ name: all, upstream: "${upstream.url}" }]\n`,
      policies: POLICY,
      env: signedVariables(),
      logLevel: 'error',
      flags: ['--workers', String(workers)],
    })
  const [one, two] = [await start(1), await start(2)]
  const ratios: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = await throughput(one.url)
    ratios.push((await throughput(two.url)) / alone)
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]
  expect(median, String(ratios)).toBeGreaterThanOrEqual(1.8)
}, 120_000)

/** Requests a second. */
async function throughput(url: string): Promise<number> {
  const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c64', `-d${SECONDS}s`, url])
  return Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)?.[1])
}
