import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { ecKeys, rsaKeys } from '../support/keys.ts'
import { figures, note } from '../support/measured.ts'
import { type LoadKind, runOpenLoop, STANDARD_MIX } from '../support/open-loop-process.ts'
import { startProxyProcess } from '../support/proxy-process.ts'

const MEBIBYTE = 1024 * 1024

const POLICIES = `
name: orders
match: { path: /orders }
jwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 300, sub: "#[attributes.requestPath]" }
---
name: run-away
match: { path: /run-away }
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  customClaims:
    - name: sum
      value: "#[(attributes.method; ($f := function($x){1+$f($x+1)}; $f(0)))]"
---
name: sort
match: { path: /sort }
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  customClaims:
    - name: sorted
      value: "#[(attributes.method; $sort([1..200000],function($a,$b){true}))]"
---
name: body
match: { path: /body }
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  customClaims:
    - name: other
      value: "#[$exists(payload.other)]"
---
name: rsa
match: { path: /rsa }
jwt: { signingMethod: PS512, privateKey: { env: RSA }, exp: 300, singleUse: true }
`

/** Each stands beside the usual requests. */
const HARD: readonly (readonly [string, number, LoadKind])[] = [
  ['run-away recursion', 20, { path: '/run-away', statuses: [500] }],
  ['run-away sorting', 20, { path: '/sort', statuses: [500] }],
  [
    'the largest bodies that a policy reads',
    5,
    {
      path: '/body',
      method: 'POST',
      bytes: MEBIBYTE,
      headers: { 'content-type': 'application/json' },
    },
  ],
  ['signing with RSA-4096 and PS512', 20, { path: '/rsa' }],
]

describe('R25 leaves the event loop free, p99 below 50 ms', () => {
  it.each(HARD)(
    'with %s',
    async (what, rate, kind) => {
      const upstream = await startChildUpstream()
      const proxy = await startProxyProcess({
        gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]`,
        policies: POLICIES,
        env: { KEY: ecKeys().pkcs8, RSA: rsaKeys(4096).pkcs8 },
      })
      const common = { targets: [{ url: proxy.url }], verify: { jwks: proxy.jwks } }
      // what is compiled at the first requests is none of it
      await runOpenLoop({ ...common, rate: 100, seconds: 2, requests: [...STANDARD_MIX, kind] })
      // nor are the delays of before
      await wait(30_000)
      const delay = () => proxy.metric('countersign_eventloop_delay_seconds', { quantile: '0.99' })
      const [usual, hard] = await Promise.all([
        runOpenLoop({ ...common, rate: 100, seconds: 6 }),
        runOpenLoop({ ...common, rate, seconds: 6, requests: [kind] }),
      ])
      const p99 = 1000 * Number(await delay())
      note({
        goal: 'R25',
        fault: `${what}, ${rate}/s`,
        measured: `delay p99 ${p99.toFixed(1)} ms; the other requests: ${figures(usual)}`,
      })
      expect(usual.reasons).toEqual({})
      expect(hard.reasons).toEqual({})
      expect(p99).toBeLessThan(50)
    },
    100_000,
  )
})
