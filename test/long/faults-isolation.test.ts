import { describe, expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { type Fault, startFault } from '../support/fault-server.ts'
import { note } from '../support/measured.ts'
import { type LoadKind, runOpenLoop } from '../support/open-loop-process.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

const RATE = 250
const SECONDS = 5

const A: LoadKind = { path: '/a' }
const B: LoadKind = { path: '/b' }

describe('R15 an upstream that is dead', () => {
  it.each<Fault>(['refused', 'black hole', 'stall before the head'])(
    'is not asked for a while, and no other has to wait for it: %s',
    async (fault) => {
      const b = await startChildUpstream()
      const port = await startFault(fault)
      const proxy = await startProxyProcess({
        gateway: `
routes:
  - name: a
    match: { path: /a }
    upstream: { url: "http://127.0.0.1:${port}", timeouts: { connect: 1s, headers: 1s } }
  - name: b
    match: { path: /b }
    upstream: "${b.url}"
`,
        policies: SIGNED,
        env: signedVariables(),
      })
      const standard = {
        targets: [{ url: proxy.url }],
        seconds: SECONDS,
        verify: { jwks: proxy.jwks },
      }
      await runOpenLoop({ ...standard, rate: RATE, seconds: 2, requests: [B] })
      const baseline = await runOpenLoop({ ...standard, rate: RATE, requests: [B] })
      const [ofA, ofB] = await Promise.all([
        runOpenLoop({ ...standard, rate: RATE, requests: [A] }),
        runOpenLoop({ ...standard, rate: RATE, requests: [B] }),
      ])

      note({
        goal: 'R15',
        fault: `one of two upstreams dead: ${fault}`,
        measured: `the other: p99 ${ofB.p99.toFixed(1)} ms, ${baseline.p99.toFixed(1)} ms before, ${ofB.sent - ofB.ok} failed; the dead one: 503 in ${ofA.latencyOf['503']?.p50.toFixed(1)} ms (median)`,
      })
      expect(baseline.reasons).toEqual({})
      expect(ofB.reasons).toEqual({})
      // within 10 % of the baseline, and what a shared machine adds to a few milliseconds
      expect(ofB.p99).toBeLessThan(1.1 * baseline.p99 + 10)
      expect(ofA.ok).toBe(0)
      const refused = ofA.failed.filter(({ detail }) => detail === 'upstream/open-circuit')
      expect(refused.length).toBeGreaterThan(0.5 * ofA.sent)
      expect(ofA.latencyOf['503']?.p50).toBeLessThan(5)
      const asked = () => fetch(`${proxy.url}/a`)
      const answer = await settled(asked, ({ status }) => status === 503)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([
        503,
        expect.stringMatching(/^[1-9]\d*$/),
      ])
    },
    60_000,
  )
})
