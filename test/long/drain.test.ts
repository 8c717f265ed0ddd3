import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { STANDARD_LOAD, startOpenLoop } from '../support/open-loop-process.ts'
import { startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

it('R17 fails no request of the standard load behind a balancer when it is told to stop', async () => {
  const upstream = await startChildUpstream()
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]\n`,
    policies: SIGNED,
    env: signedVariables(),
  })
  const load = await startOpenLoop({
    ...STANDARD_LOAD,
    targets: [{ url: proxy.url, ready: `${proxy.management}/readyz` }],
    seconds: 25,
    verify: { jwks: proxy.jwks },
  })
  await wait(10_000)
  const told = Date.now()
  proxy.signal('SIGTERM')
  expect(await proxy.exited).toMatchObject({ code: 0, signal: null })
  expect(Date.now() - told).toBeGreaterThan(5000)
  const { failed, ok } = await load.stop()
  // what nobody is there for any more is not sent
  expect(failed.filter(({ kind }) => kind !== 'unsent')).toEqual([])
  expect(ok).toBeGreaterThan(9 * STANDARD_LOAD.rate)
}, 60_000)
