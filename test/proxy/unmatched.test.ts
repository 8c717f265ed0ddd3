import { expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const POLICY = `
name: orders
match: { path: /orders }
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300 }
`

async function get(path: string, unmatched: string) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: POLICY,
    gateway: `routes: [{ name: all, match: { path: /orders-v2 }, upstream: "${upstream.url}", unmatched: ${unmatched} },
      { name: rest, match: { path: / }, upstream: "${upstream.url}", unmatched: ${unmatched} }]`,
    variables: { SECRET: hmacSecret() },
  })
  const reply = await rawRequest(
    proxy.port,
    `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic own\r\n\r\n`,
    { until: (text) => /ok$|\}$/.test(text) },
  )
  await upstream.close()
  return { reply, seen: upstream.requests(), events: proxy.requests() }
}

it.each(['/', '/orders-archive', '/orders-v2', '/ORDERS', '/orders%20', '/orders.'])(
  'T030 refuses %s, which no policy matches',
  async (path) => {
    const { reply, seen, events } = await get(path, 'reject')
    expect(reply.status).toBe(404)
    expect(seen).toEqual([])
    expect(events.map(({ error }) => error?.code)).toEqual(['route/none'])
  },
)

it('forwards as it came what no policy matches, where the route says so', async () => {
  const { reply, seen } = await get('/else?x=1', 'forward')
  expect(reply.status).toBe(200)
  expect(seen[0]?.target).toBe('/else?x=1')
  expect(seen[0]?.values('authorization')).toEqual(['Basic own'])
})

it.each(['/orders', '/orders/', '/orders/7', '/orders?'])(
  'signs %s, which a policy matches',
  async (path) => {
    const { seen } = await get(path, 'reject')
    expect(seen[0]?.values('authorization')).toEqual([expect.stringMatching(/^Bearer [\w.-]+$/)])
  },
)
