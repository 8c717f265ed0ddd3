import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { note } from '../support/measured.ts'
import { runOpenLoop, startOpenLoop } from '../support/open-loop-process.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

/** What the upstream can do at once, and in how many milliseconds. */
const [AT_ONCE, TAKES] = [8, 100]
const CAPACITY = (AT_ONCE * 1000) / TAKES
const SECONDS = 15

it('R26 R27 at ten times what can be done serves most of that, refuses the rest at once, and tells how it is', async () => {
  const upstream = await startChildUpstream({ delay: [TAKES, TAKES] })
  const proxy = await startProxyProcess({
    gateway: `
routes: [{ name: all, upstream: { url: "${upstream.url}", pool: { connections: ${AT_ONCE} } } }]
limits: { requests: ${4 * AT_ONCE} }
`,
    policies: SIGNED,
    logLevel: 'error',
    env: signedVariables(),
  })
  const load = { targets: [{ url: proxy.url }], requests: [{ path: '/orders/{m}' }], fresh: 0 }
  const baseline = await runOpenLoop({ ...load, rate: CAPACITY / 4, seconds: 5 })
  expect(baseline.failures).toEqual({})

  const running = await startOpenLoop({ ...load, rate: 10 * CAPACITY, seconds: SECONDS })
  const took: number[] = []
  let isOver = false
  const asked = (async () => {
    while (!isOver) {
      for (const path of ['/livez', '/readyz', '/metrics']) {
        const from = performance.now()
        const answer = await fetch(proxy.management + path)
        await answer.text()
        expect(answer.status).toBe(200)
        took.push(performance.now() - from)
      }
      await wait(250)
    }
  })()
  const report = await running.report
  isOver = true
  await asked

  const served = report.ok / SECONDS / CAPACITY
  note({
    goal: 'R26',
    fault: 'ten times what the upstream can do',
    measured: `${Math.round(100 * served)} % served, p99 ${inMs(report.latencyOf.ok?.p99)}; 503 after ${inMs(report.latencyOf['503']?.p50)} (median)`,
  })
  const failures = report.failures as Readonly<Record<string, number>>
  const { 503: refused = 0, ...others } = failures
  expect(others).toEqual({})
  expect(refused).toBeGreaterThan(report.sent / 2)
  expect(served).toBeGreaterThan(0.8)
  expect(report.latencyOf.ok?.p99).toBeLessThan(5 * baseline.p99)
  expect(report.latencyOf['503']?.p50).toBeLessThan(20)
  expect(took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.95)]).toBeLessThan(100)
  expect(proxy.resident()).toBeLessThan(512 * 1024 * 1024)
  const isIdle = (count?: number) => count === 0
  expect(await settled(() => proxy.metric('countersign_requests_in_flight'), isIdle, 2000)).toBe(0)
  expect((await runOpenLoop({ ...load, rate: CAPACITY / 4, seconds: 2 })).failures).toEqual({})
})

const inMs = (milliseconds = Number.NaN) => `${Math.round(milliseconds)} ms`
