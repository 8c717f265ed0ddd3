import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { figures, note } from '../support/measured.ts'
import { startOpenLoop } from '../support/open-loop-process.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { signedVariables } from '../support/signed-policy.ts'
import { startTransit } from '../support/transit-stand-in.ts'

const TIMEOUT = 1000

it('a signer that hangs stops neither tokens that exist nor other policies, and is used again once it answers', async () => {
  const transit = await startTransit()
  transit.addKey('orders', 'ecdsa-p256')
  const upstream = await startChildUpstream()
  const remote = (claims: string) => `
  signingMethod: ES256
  privateKey:
    vaultTransit: { address: "${transit.address}", key: orders, token: { env: VAULT_TOKEN }, timeout: ${TIMEOUT}ms }
  exp: 300
  ${claims}
`
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]`,
    policies: {
      'cached.yaml': `name: cached\nmatch: { path: /cached }\njwt: ${remote('sub: service')}`,
      'single.yaml': `name: single\nmatch: { path: /single }\njwt: ${remote('singleUse: true')}`,
      'local.yaml':
        'name: local\nmatch: { path: /local }\njwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 300, singleUse: true }\n',
    },
    env: { ...signedVariables(), VAULT_TOKEN: 's.first' },
  })
  for (const path of ['cached', 'single', 'local'])
    expect((await fetch(`${proxy.url}/${path}`)).status).toBe(200)

  const load = async (path: string) =>
    await startOpenLoop({
      targets: [{ url: proxy.url }],
      rate: 50,
      seconds: 22,
      requests: [{ path }],
      verify: { jwks: proxy.jwks },
    })
  const [cached, single, local] = await Promise.all(['/cached', '/single', '/local'].map(load))
  await wait(3000)
  const hung = Date.now()
  transit.trouble = 'hang'
  await wait(8000)
  transit.trouble = undefined
  const answered = Date.now()

  const [ofCached, ofSingle, ofLocal] = await Promise.all(
    [cached, single, local].map((load) => load!.report),
  )
  const { failed } = ofSingle!
  const lasted = Math.max(...failed.map(({ at }) => at)) - answered
  const slowest = Math.max(...failed.map(({ took }) => took))
  note({
    goal: '–',
    fault: 'a remote signer hangs for 8 s',
    measured: `cached tokens: ${figures(ofCached!)}; local keys: ${figures(ofLocal!)}; a signature for each request: ${figures(ofSingle!)}, slowest ${(slowest / 1000).toFixed(1)} s, the last ${(lasted / 1000).toFixed(1)} s after the signer answered`,
  })

  expect(ofCached!.reasons).toEqual({})
  expect(ofLocal!.reasons).toEqual({})
  expect(failed.filter(({ detail }) => detail !== 'key/unavailable')).toEqual([])
  expect(failed.length).toBeGreaterThan(200)
  expect(failed.filter(({ at, took }) => at + took < hung)).toEqual([])
  // two attempts and the pause between them, then those that wait for a probe
  expect(slowest).toBeLessThan(3 * TIMEOUT + 500)
  // the signer is not asked for five seconds, and a little
  expect(lasted).toBeLessThan(7000)
  const inFlight = () => proxy.metric('countersign_requests_in_flight')
  expect(await settled(inFlight, (count) => count === 0)).toBe(0)
}, 60_000)
