import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { ecKeys } from '../support/keys.ts'
import { runOpenLoop, STANDARD_LOAD, startOpenLoop } from '../support/open-loop-process.ts'
import { startProxyProcess } from '../support/proxy-process.ts'

const SECONDS = 60
const RELOADS = 10
const MIB = 1024 * 1024

/** Says in its claims of which version it is and which rotation its key is of; the key id says the latter, too. */
const policy = (version: number, rotation: number) => `name: orders
jwt:
  signingMethod: ES256
  privateKey: { file: ../keys/${rotation}.pem }
  kid: k${rotation}
  exp: 300
  sub: "#[attributes.requestPath]"
  customClaims:
    - { name: version, value: ${version} }
    - { name: rotation, value: ${rotation} }
`
const pem = (rotation: number) => ecKeys('P-256', String(rotation)).pkcs8

it('R1 10 reloads and a rotation a second fail no request and mix no generations', async () => {
  const upstream = await startChildUpstream()
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]\n`,
    policies: { 'orders.yaml': policy(0, 0) },
    files: { 'keys/0.pem': pem(0) },
  })
  const target = {
    ...STANDARD_LOAD,
    targets: [{ url: proxy.url }],
    verify: { jwks: proxy.jwks },
  }
  const baseline = await runOpenLoop({ ...target, seconds: 15 })
  const load = await startOpenLoop({ ...target, seconds: SECONDS })
  let rotation = 0
  let warm = 0
  for (let version = 1; version <= SECONDS * RELOADS; version += 1) {
    const due = load.start + (version * 1000) / RELOADS
    await wait(Math.max(0, due - Date.now()))
    if (version % RELOADS === 0) {
      rotation += 1
      writeFileSync(join(proxy.folder.path, `keys/${rotation}.pem`), pem(rotation))
    }
    const next = join(proxy.folder.path, 'next')
    writeFileSync(next, policy(version, rotation))
    renameSync(next, join(proxy.folder.path, 'policies/orders.yaml'))
    proxy.signal('SIGHUP')
    if (version === (SECONDS * RELOADS) / 3) warm = proxy.resident()
  }
  const { failed, sent, tokens, p99 } = await load.report

  expect(failed).toEqual([])
  expect(sent).toBeGreaterThan(0.9 * SECONDS * STANDARD_LOAD.rate)
  const mixed = tokens.filter(({ header, claims }) => header.kid !== `k${claims.rotation}`)
  expect(mixed).toEqual([])
  expect(new Set(tokens.map(({ header }) => header.kid)).size).toBeGreaterThan(SECONDS / 2)
  const versions = new Set(tokens.map(({ claims }) => claims.version))
  expect(versions.size).toBeGreaterThan((SECONDS * RELOADS) / 4)
  console.log(
    `R1: ${sent} requests, ${versions.size} versions seen, p99 ${p99.toFixed(1)} ms (before ${baseline.p99.toFixed(1)} ms), resident ${(proxy.resident() / MIB).toFixed(0)} MiB (after a third ${(warm / MIB).toFixed(0)})`,
  )
  expect(await proxy.metric('countersign_config_reloads_total', { result: 'failure' })).toBe(0)
  expect(proxy.resident() - warm).toBeLessThan(48 * MIB)
  expect(p99).toBeLessThan(2 * Math.max(baseline.p99, 20))
}, 120_000)
