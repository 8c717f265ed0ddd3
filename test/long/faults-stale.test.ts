import { describe, expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { figures, note } from '../support/measured.ts'
import { type LoadKind, runOpenLoop } from '../support/open-loop-process.ts'
import { startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

// Each route has an address of its own, thus connections of its own: at a request a second for each they are idle for
// every time around the second after which the upstream closes them.
const ROUTES = 250
const SECONDS = 16

describe('R13 no request is lost to an upstream that closes idle connections after a second', () => {
  it.each<[string, { readonly announce: boolean; readonly idle: string; readonly posts: boolean }]>(
    [
      ['and says so', { announce: true, idle: '4s', posts: true }],
      ['where we close them before', { announce: false, idle: '500ms', posts: true }],
      ['and may be asked again', { announce: false, idle: '4s', posts: false }],
    ],
  )(
    '%s',
    async (how, { announce, idle, posts }) => {
      const upstream = await startChildUpstream({ announce, idle: 1000, host: '0.0.0.0' })
      const route = (index: number) =>
        `  - { name: r${index}, match: { path: /r${index} }, upstream: { url: "http://127.0.1.${index + 1}:${upstream.port}", timeouts: { idle: ${idle} } } }`
      const proxy = await startProxyProcess({
        gateway: `routes:\n${Array.from({ length: ROUTES }, (_, index) => route(index)).join('\n')}`,
        policies: SIGNED,
        env: signedVariables(),
      })
      const kinds = Array.from({ length: ROUTES }, (_, index): LoadKind[] => [
        { path: `/r${index}`, share: 4 },
        ...(posts ? [{ path: `/r${index}`, method: 'POST', bytes: 2048, share: 1 }] : []),
      ])
      const report = await runOpenLoop({
        targets: [{ url: proxy.url }],
        rate: ROUTES,
        seconds: SECONDS,
        requests: kinds.flat(),
        verify: { jwks: proxy.jwks },
      })
      note({
        goal: 'R13',
        fault: `upstream closes idle connections after 1 s, ${how}`,
        measured: figures(report),
      })
      const { reasons, sent } = report
      expect(sent).toBeGreaterThan(0.8 * ROUTES * SECONDS)
      expect(reasons).toEqual({})
    },
    60_000,
  )
})
