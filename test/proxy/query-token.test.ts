import { describe, expect, it, onTestFinished } from 'vitest'
import { policyAt } from '../express/host.ts'
import { HOSTS, startHost } from '../support/either-host.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const IN_QUERY = policyAt('{ location: query, name: token }')
const IN_HEADER = policyAt('{ name: x-jwt }')
const CLEARING = policyAt('{ location: query, name: token }', 'when: "#[1 = 2]"')

describe.each(HOSTS)('the %s host', (host) => {
  it.each([
    [IN_HEADER, '/a', '/a'],
    [IN_HEADER, '/a?', '/a?'],
    [IN_HEADER, '/a??', '/a??'],
    [IN_HEADER, '/a?b?', '/a?b?'],
    [IN_QUERY, '/a?', '/a?token=T'],
    [IN_QUERY, '/a?token=C', '/a?token=T'],
    [CLEARING, '/a?', '/a?'],
    [CLEARING, '/a?token=C', '/a'],
    [CLEARING, '/a?token=C?', '/a'],
    [CLEARING, '/a?token=C&b=?', '/a?b=?'],
  ])(
    'I7 forwards the very query that it was sent, but for its own place (%#)',
    async (policies, target, expected) => {
      const upstream = await recordingUpstream()
      onTestFinished(upstream.close)
      const gateway = JSON.stringify({
        routes: [{ name: 'all', upstream: upstream.url, unmatched: 'forward' }],
      })
      const port = await startHost(host, { policies, gateway })
      const lines = [`GET ${target} HTTP/1.1`, 'Host: a', 'X-User: ann', 'Connection: close']
      await rawRequest(port, `${lines.join('\r\n')}\r\n\r\n`)
      expect(upstream.requests()[0]?.target.replace(/ey[\w.-]+/, 'T')).toBe(expected)
    },
  )
})
