import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { startChildUpstream } from '../support/child-upstream.ts'
import { fakeClock, libfaketime } from '../support/faketime.ts'
import { type Fault, startFault, startTlsUpstream } from '../support/fault-server.ts'
import { note } from '../support/measured.ts'
import { type LoadReport, runOpenLoop } from '../support/open-loop-process.ts'
import { type ProxyProcess, settled, startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'
import { tempFolder } from '../support/temp-folder.ts'

if (!canMakeCertificates) process.stderr.write('skipped: certificates, as there is no openssl\n')
if (libfaketime === undefined)
  process.stderr.write('skipped: expiry of a certificate, as there is no libfaketime\n')

/** `timeouts.request`: everything ends by then, and a little more for this machine. */
const DEADLINE = 2000
const LATE = 200
const RATE = 50
const SECONDS = 2

/** How requests may end besides `503` of a breaker that has opened. */
const ENDINGS: readonly (readonly [Fault, readonly string[]])[] = [
  ['refused', ['502']],
  ['black hole', ['504']],
  ['reset on connect', ['502']],
  ['reset after the request', ['502']],
  // what has begun can only be broken off
  ['reset after the head', ['cut']],
  ['reset in the body', ['cut']],
  ['stall before the head', ['504']],
  ['stall in the body', ['cut']],
  ['half-close', ['502']],
  ['half-close in the body', ['cut']],
  ['a byte a second of the head', ['504']],
  ['a byte a second of the body', ['cut']],
  ['TLS stall', ['504']],
]

const TIMEOUTS = `{ connect: 1s, headers: 1500ms, body: 1500ms, idle: 500ms, request: ${DEADLINE}ms }`

function route(name: string, url: string, more = ''): string {
  return `{ name: ${name}, match: { path: /${name} }, upstream: { url: "${url}", timeouts: ${TIMEOUTS}${more} } }`
}

async function startProxy(
  routes: readonly string[],
  files = {},
  clock = {},
): Promise<ProxyProcess> {
  return await startProxyProcess({
    gateway: `routes:\n${routes.map((entry) => `  - ${entry}\n`).join('')}`,
    policies: SIGNED,
    files,
    env: { ...signedVariables(), ...clock },
  })
}

/** A load on `/faulty`, and that nothing of it is left in the process afterwards. */
async function load(proxy: ProxyProcess, fault: string, paths = ['/faulty']): Promise<LoadReport> {
  expect((await fetch(`${proxy.url}/well`)).status).toBe(200)
  const before = await settled(proxy.descriptors, (count) => count < 60, 2000)
  const report = await runOpenLoop({
    targets: [{ url: proxy.url }],
    rate: RATE,
    seconds: SECONDS,
    deadline: 10_000,
    requests: paths.flatMap((path) => [
      { share: 4, path },
      { share: 1, path, method: 'POST', bytes: 2048 },
    ]),
  })
  const inFlight = () => proxy.metric('countersign_requests_in_flight')
  expect(await settled(inFlight, (count) => count === 0)).toBe(0)
  const after = await settled(proxy.descriptors, (count) => count <= before)
  expect(after).toBeLessThanOrEqual(before)
  expect((await fetch(`${proxy.url}/well`)).status).toBe(200)
  note({ goal: 'R14', fault, measured: inWords(report) })
  return report
}

/** `142 × 502, 8 × cut; slowest 1.5 s` */
function inWords(report: LoadReport): string {
  const kinds = Object.entries(report.failures).map(([kind, count]) => `${count} × ${kind}`)
  return `${kinds.join(', ')}; slowest ${(slowest(report) / 1000).toFixed(1)} s`
}

function endings({ failed }: LoadReport): readonly string[] {
  return [...new Set(failed.map(({ kind }) => kind))].filter((kind) => kind !== '503')
}

/** Without what the generator itself was late by. */
function slowest({ failed, lateness }: LoadReport): number {
  return Math.max(...failed.map(({ took }) => took)) - lateness.worst
}

describe('R14 ends every request within its deadline, in the right way, and keeps nothing of it', () => {
  it.each(ENDINGS)(
    'when the fault is: %s',
    async (fault, expected) => {
      const well = await startChildUpstream()
      const port = await startFault(fault)
      const scheme = fault === 'TLS stall' ? 'https' : 'http'
      const proxy = await startProxy([
        route('well', well.url),
        route('faulty', `${scheme}://127.0.0.1:${port}`),
      ])
      const report = await load(proxy, fault)
      expect(report.ok).toBe(0)
      expect(endings(report)).toEqual(expected)
      expect(slowest(report)).toBeLessThan(DEADLINE + LATE)
    },
    60_000,
  )

  it('when its name is unknown', async () => {
    const well = await startChildUpstream()
    const proxy = await startProxy([
      route('well', well.url),
      route('faulty', 'http://no-such-host.invalid'),
    ])
    const report = await load(proxy, 'unknown name')
    expect(report.ok).toBe(0)
    expect(endings(report)).toEqual(['502'])
    expect(slowest(report)).toBeLessThan(DEADLINE + LATE)
  }, 60_000)

  it.skipIf(!canMakeCertificates)(
    'when its certificate bears another name',
    async () => {
      const well = await startChildUpstream()
      const certificate = await makeCertificate('DNS:other.example')
      const port = await startTlsUpstream(certificate)
      const proxy = await startProxy(
        [
          route('well', well.url),
          route('faulty', `https://localhost:${port}`, ', tls: { ca: ca.pem }'),
        ],
        { 'ca.pem': certificate.cert },
      )
      const report = await load(proxy, 'certificate for another name')
      expect(report.ok).toBe(0)
      expect(endings(report)).toEqual(['502'])
      expect(slowest(report)).toBeLessThan(DEADLINE + LATE)
    },
    60_000,
  )

  it.skipIf(!canMakeCertificates || libfaketime === undefined)(
    'when its certificate expires while it is in use',
    async () => {
      const well = await startChildUpstream()
      const certificate = await makeCertificate('DNS:localhost')
      const port = await startTlsUpstream(certificate)
      const clock = await fakeClock(await tempFolder())
      const proxy = await startProxy(
        [
          route('well', well.url),
          route('faulty', `https://localhost:${port}`, ', tls: { ca: ca.pem }'),
        ],
        { 'ca.pem': certificate.cert },
        clock.env,
      )
      expect((await fetch(`${proxy.url}/faulty`)).status).toBe(200)
      await clock.set(`+${2 * 86_400}`)
      // the connection from before serves until it is idle for too long
      await wait(1000)
      expect((await fetch(`${proxy.url}/faulty`)).status).toBe(502)
      const report = await load(proxy, 'certificate expires while it is in use')
      expect(report.ok).toBe(0)
      expect(endings(report)).toEqual(['502'])
      expect(slowest(report)).toBeLessThan(DEADLINE + LATE)
    },
    60_000,
  )

  it('when every one of them is there at once, and those of a sound upstream are served', async () => {
    const well = await startChildUpstream()
    const ports = await Promise.all(
      ENDINGS.map(async ([fault]) => [fault, await startFault(fault)] as const),
    )
    const routes = ports.map(([fault, port], index) =>
      route(`f${index}`, `${fault === 'TLS stall' ? 'https' : 'http'}://127.0.0.1:${port}`),
    )
    const proxy = await startProxy([route('well', well.url), ...routes])
    const sound = runOpenLoop({
      targets: [{ url: proxy.url }],
      rate: RATE,
      seconds: SECONDS,
      requests: [{ path: '/well' }],
      verify: { jwks: proxy.jwks },
    })
    const report = await load(
      proxy,
      'all of them at once',
      ENDINGS.map((_, index) => `/f${index}`),
    )
    expect((await sound).reasons).toEqual({})
    expect(report.ok).toBe(0)
    expect(slowest(report)).toBeLessThan(DEADLINE + LATE)
  }, 60_000)
})
