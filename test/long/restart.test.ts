import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { note } from '../support/measured.ts'
import { startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const POLICIES = 1000
const KILLS = 50

it('R19 starts clean and soon with 1,000 policies after each kill during a reload', async () => {
  const policies = Array.from({ length: POLICIES }, (_, index) => [
    `policies/${index}.yaml`,
    `name: p-${index}\nmatch: { path: /p${index} }\njwt: { account: erp, exp: 300, sub: "#[attributes.method]" }\n`,
  ])
  const folder = await tempFolder({
    'countersign.yaml': `routes: [{ name: all, upstream: "http://127.0.0.1:9" }]
accounts: { erp: { signingMethod: ES256, privateKey: { file: erp.pem } } }
`,
    'erp.pem': ecKeys().pkcs8,
    ...Object.fromEntries(policies),
  })
  const args = ['serve', '-c', `${folder.path}/countersign.yaml`, '--log-level', 'warn']
  const ports = ['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0']
  const times: number[] = []
  for (let kill = 0; kill < KILLS; kill += 1) {
    const begun = performance.now()
    const proxy = startCountersign([...args, ...ports])
    const [, management = ''] = await proxy.waitFor(/management +(http\S+)/, 30_000)
    expect((await fetch(new URL('/readyz', management))).status).toBe(200)
    times.push(performance.now() - begun)
    const set = await (await fetch(new URL('/.well-known/jwks.json', management))).json()
    expect(set).toMatchObject({ keys: [{ kty: 'EC' }] })
    proxy.signal('SIGHUP')
    await wait((kill * 7) % 300)
    proxy.signal('SIGKILL')
    expect((await proxy.exited).signal).toBe('SIGKILL')
  }
  const sorted = times.toSorted((a, b) => a - b)
  const seconds = (index: number) => ((sorted[index] ?? 0) / 1000).toFixed(1)
  note({
    goal: 'R19',
    fault: `killed ${KILLS} times during a reload of 1,000 policies`,
    measured: `ready after ${seconds(KILLS / 2)} s (median), ${seconds(KILLS - 1)} s at most`,
  })
  expect(sorted[KILLS / 2]).toBeLessThan(1000)
}, 290_000)
