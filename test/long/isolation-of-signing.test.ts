import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { afterThisTest } from '../support/after-test.ts'
import { startChildUpstream } from '../support/child-upstream.ts'
import { hmacSecret, rsaKeys } from '../support/keys.ts'
import { type LoadReport, runOpenLoop } from '../support/open-loop-process.ts'
import { type ProxyProcess, settled, startProxyProcess } from '../support/proxy-process.ts'

const BIN = fileURLToPath(new URL('../../bin/countersign.js', import.meta.url))
/** Signs on the event loop, whoever asks for the pool. */
const ON_EVENT_LOOP = fileURLToPath(
  new URL('../../bench/programs/sign-on-event-loop.ts', import.meta.url),
)
const ROUNDS = 3

const CHEAP = `
name: hmac
match: { path: /hmac }
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, jti: true, singleUse: true }
`
const EXPENSIVE = `
name: rsa
match: { path: /rsa }
jwt: { signingMethod: RS256, privateKey: { env: RSA }, exp: 300, jti: true, singleUse: true }
`

async function start(upstream: string, flags: readonly string[] = []): Promise<ProxyProcess> {
  return startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream}" }]`,
    policies: { 'hmac.yaml': CHEAP, 'rsa.yaml': EXPENSIVE },
    env: { RSA: rsaKeys(4096).pkcs8, SECRET: hmacSecret() },
    command: [process.execPath, ...flags, BIN],
  })
}

/** Keeps so many requests for an RSA signature under way until it is ended; then says how many got one. */
function saturate({ url }: ProxyProcess, connections: number): () => Promise<number> {
  let isOver = false
  let signed = 0
  const loops = Array.from({ length: connections }, async () => {
    while (!isOver) {
      const { ok } = await fetch(`${url}/rsa`)
      if (ok) signed += 1
    }
  })
  const end = async () => {
    isOver = true
    await Promise.all(loops)
    return signed
  }
  afterThisTest(end)
  return end
}

async function cheapBeside(proxy: ProxyProcess): Promise<LoadReport> {
  const end = saturate(proxy, 8)
  await wait(500)
  const requests = [{ path: '/hmac' }]
  const report = await runOpenLoop({
    targets: [{ url: proxy.url }],
    rate: 100,
    seconds: 5,
    requests,
  })
  expect(await end()).toBeGreaterThan(100)
  return report
}

describe('RSA of 4096 bits that saturates the process', () => {
  it('holds up other routes a quarter as much as it would on the event loop, at most', async () => {
    const upstream = await startChildUpstream({ delay: [0, 0] })
    const ours = await start(upstream.url)
    const synchronous = await start(upstream.url, ['--import', ON_EVENT_LOOP])
    const ratios: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const [on, off] = [await cheapBeside(synchronous), await cheapBeside(ours)]
      console.log(`p99 ${off.p99.toFixed(1)} ms; on the event loop ${on.p99.toFixed(1)} ms`)
      // the other may be so late that it refuses
      expect(off.reasons).toEqual({})
      ratios.push(off.p99 / on.p99)
    }
    expect(ratios.toSorted((one, other) => one - other)[1]).toBeLessThan(0.25)
  }, 120_000)

  it('keeps no changed policy from being read, nor the name of an upstream from being found', async () => {
    const upstream = await startChildUpstream({ delay: [0, 0] })
    const proxy = await start(upstream.url.replace('127.0.0.1', 'localhost'))
    const end = saturate(proxy, 400)
    await wait(500)
    const changed = EXPENSIVE.replace('exp: 300', 'exp: 600').replaceAll('rsa', 'other')
    await proxy.folder.write('policies/other.yaml', changed)
    const asked = async () => (await fetch(`${proxy.url}/other`)).status
    // 404 says that no policy applies
    expect(await settled(asked, (status) => status === 200, 15_000)).toBe(200)
    expect(await end()).toBeGreaterThan(100)
  }, 60_000)
})
