import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { figures, note } from '../support/measured.ts'
import { STANDARD_LOAD, startOpenLoop } from '../support/open-loop-process.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

const CONNECT = 1000

it('R12 serves again within a second of the return of an upstream that was killed', async () => {
  const upstream = await startChildUpstream()
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: { url: "${upstream.url}", timeouts: { connect: ${CONNECT}ms } } }]`,
    policies: SIGNED,
    env: signedVariables(),
  })
  const load = await startOpenLoop({
    ...STANDARD_LOAD,
    targets: [{ url: proxy.url }],
    seconds: 25,
    verify: { jwks: proxy.jwks },
  })
  await wait(5000)
  const killed = Date.now()
  await upstream.kill()
  await wait(10_000)
  await upstream.start()
  const returned = Date.now()
  const report = await load.report
  const { failed, sent } = report
  const recovered = Math.max(...failed.map(({ at }) => at)) - returned
  const during = failed.filter(({ at }) => at < returned)
  note({
    goal: 'R12',
    fault: 'upstream killed, back after 10 s',
    measured: `${figures(report)}, all while it was away or within ${Math.max(0, recovered).toFixed()} ms of its return; slowest failure ${Math.max(...during.map(({ took }) => took)).toFixed()} ms`,
  })

  expect(sent).toBeGreaterThan(20 * STANDARD_LOAD.rate)
  expect(failed.filter(({ at, took }) => at + took < killed)).toEqual([])
  expect(recovered).toBeLessThan(1000)
  expect(during.length).toBeGreaterThan(1000)
  expect(during.filter(({ kind }) => !['502', '503', '504', 'cut'].includes(kind))).toEqual([])
  expect(Math.max(...during.map(({ took }) => took))).toBeLessThan(CONNECT + 200)
  const inFlight = () => proxy.metric('countersign_requests_in_flight')
  expect(await settled(inFlight, (count) => count === 0)).toBe(0)
}, 100_000)
