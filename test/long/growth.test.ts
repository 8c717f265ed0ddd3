import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const RELOADS = 5
const MB = 1_000_000
/** Milliseconds after which the figure for the event loop tells nothing of the start any more. */
const FORGOTTEN = 31_000

const policy = (index: number, routes: number, exp = 300) => `name: p-${index}
match: { route: r-${index % routes}, path: /r${index % routes}/p${index} }
jwt: { account: erp, exp: ${exp}, sub: "#[attributes.method]" }
`

/** Starts a proxy with so many policies, a file each, on so many routes. */
async function start(policies: number, routes: number) {
  const written = Array.from({ length: routes }, (_, index) => {
    return `{ name: r-${index}, match: { path: /r${index} }, upstream: "http://127.0.0.1:9" }`
  })
  const folder = await tempFolder({
    'countersign.yaml': `routes: [${written.join(', ')}]
accounts: { erp: { signingMethod: ES256, privateKey: { file: erp.pem } } }
`,
    'erp.pem': ecKeys().pkcs8,
    ...Object.fromEntries(
      Array.from({ length: policies }, (_, index) => [
        `policies/${index}.yaml`,
        policy(index, routes),
      ]),
    ),
  })
  const begun = performance.now()
  const ports = ['listen', 'management', 'admin'].flatMap((name) => [`--${name}`, '127.0.0.1:0'])
  const proxy = startCountersign([
    ...['serve', '--config', `${folder.path}/countersign.yaml`, '--log-level', 'error'],
    ...['--no-watch', ...ports],
  ])
  await proxy.waitFor(/proxy\s+(http\S+)/, 60_000)
  const ready = performance.now() - begun
  const [, management = ''] = await proxy.waitFor(/management\s+(http\S+)/)
  const [, admin = ''] = await proxy.waitFor(/admin\s+(http\S+)/)
  return { ...proxy, folder, ready, management, admin }
}

function resident(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return 1024 * Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1])
}

/** Seconds by which the event loop was late at the worst. */
async function longestPause(management: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', management))).text()
  const found = /^countersign_eventloop_delay_seconds\{quantile="1"\} (\S+)$/m.exec(metrics)
  return Number(found?.[1])
}

it('10,000 policies on 1,000 routes load in 3 s and 250 MB, and one that changes in 200 ms without a pause', async () => {
  const alone = await start(1, 1)
  alone.signal('SIGKILL')
  const proxy = await start(10_000, 1000)
  expect(resident(proxy.pid)).toBeLessThan(250 * MB)
  expect(proxy.ready - alone.ready).toBeLessThan(3000)

  await wait(FORGOTTEN)
  const times: number[] = []
  for (let count = 1; count <= RELOADS; count += 1) {
    await proxy.folder.write('policies/7.yaml', policy(7, 1000, 300 + count))
    const begun = performance.now()
    const { status } = await fetch(new URL('/-/reload', proxy.admin), { method: 'POST' })
    times.push(performance.now() - begun)
    expect(status).toBe(204)
  }
  const pause = await longestPause(proxy.management)
  proxy.signal('SIGKILL')
  expect(times.toSorted((a, b) => a - b)[Math.floor(RELOADS / 2)]).toBeLessThan(200)
  expect(pause).toBeLessThan(0.05)
}, 180_000)
