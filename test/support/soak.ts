import { randomInt } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { startChildUpstream } from './child-upstream.ts'
import { ecKeys } from './keys.ts'
import { type LoadReport, STANDARD_LOAD, startOpenLoop } from './open-loop-process.ts'
import { settled, startProxyProcess } from './proxy-process.ts'
import { type Trend, trend } from './trend.ts'

/** How long, how much, and how often something changes meanwhile; times in seconds. */
export interface SoakOptions {
  readonly seconds: number
  /** Requests a second. */
  readonly rate: number
  readonly reloadEvery: number
  readonly rotateEvery: number
  readonly restartEvery: number
  /** What memory does until then is left out. */
  readonly warmUp: number
  /** Default: another one each time. */
  readonly seed?: number
  /** Hears every half minute how it goes. */
  readonly progress?: (line: string) => void
}

/** What came of a soak. */
export interface SoakResult {
  readonly load: LoadReport
  /** How often each change was made. */
  readonly reloads: number
  readonly rotations: number
  readonly restarts: number
  /** Readings of the files that the proxy refused. */
  readonly refused: number
  /** Keys that tokens were signed with. */
  readonly keys: number
  /** Resident bytes of the proxy. */
  readonly resident: Trend
  /** Open descriptors of the proxy without load, before and after. */
  readonly descriptors: { readonly before: number; readonly after: number }
}

/** Runs `countersign serve` under load while its files, its keys and its upstream change. Rejects when it ends. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, rate, warmUp, seed = randomInt(2 ** 31), progress = () => {} } = options
  const upstream = await startChildUpstream()
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]`,
    policies: policyText(0, 0),
    files: { 'policies/keys/0.pem': keyText(0) },
  })
  const { folder } = proxy
  const done = { reloads: 0, rotations: 0, restarts: 0 }
  const resident: number[] = []
  const before = proxy.descriptors()

  async function change(second: number): Promise<void> {
    const rotates = second % options.rotateEvery === 0
    if (rotates) {
      done.rotations += 1
      await folder.write(`policies/keys/${done.rotations}.pem`, keyText(done.rotations))
    }
    if (rotates || second % options.reloadEvery === 0) {
      done.reloads += 1
      const draft = await folder.write('policies/draft', policyText(done.reloads, done.rotations))
      await rename(draft, `${folder.path}/policies/policies.yaml`)
    }
    if (second % options.restartEvery === 0) {
      done.restarts += 1
      await upstream.replace()
    }
  }

  async function run(): Promise<SoakResult> {
    const running = await startOpenLoop({
      ...STANDARD_LOAD,
      rate,
      seconds,
      seed,
      targets: [{ url: proxy.url }],
      verify: { jwks: proxy.jwks },
    })
    for (let second = 1; second < seconds; second += 1) {
      await wait(Math.max(0, running.start + second * 1000 - Date.now()))
      await change(second)
      if (second <= warmUp) continue
      resident.push(proxy.resident())
      if (second % 30 > 0) continue
      const mebibytes = (proxy.resident() / 2 ** 20).toFixed(1)
      progress(`${second} s: ${mebibytes} MiB, ${proxy.descriptors()} descriptors`)
    }
    const load = await running.report
    const refused = await proxy.metric('countersign_config_reloads_total', { result: 'failure' })
    return {
      load,
      ...done,
      refused: refused ?? 0,
      keys: new Set(load.tokens.map(({ header }) => header.kid)).size,
      resident: trend(resident),
      descriptors: { before, after: await settled(proxy.descriptors, (count) => count <= before) },
    }
  }

  const ended = proxy.exited.then(({ code, signal }): never => {
    throw new Error(`the proxy ended early: ${code ?? signal}`)
  })
  try {
    return await Promise.race([run(), ended])
  } finally {
    // outside a test nobody else does it
    proxy.signal('SIGKILL')
    await Promise.allSettled([ended, upstream.kill()])
    await folder.remove()
  }
}

function policyText(version: number, key: number): string {
  return `
name: soaked
description: version ${version}
jwt:
  signingMethod: ES256
  privateKey: { file: keys/${key}.pem }
  exp: 60
  iss: soak
  sub: "#[attributes.requestPath]"
  customClaims: [{ name: version, value: ${version} }]
`
}

function keyText(number: number): string {
  return ecKeys('P-256', `soak ${number}`).pkcs8
}
