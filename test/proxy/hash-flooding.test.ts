import { expect, it, onTestFinished } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const POLICIES = `
name: reads-head
match: { path: /head }
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: "#[attributes.headers.host]" }
---
name: reads-body
match: { path: /body }
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: "#[payload.user]" }
`

async function start(gateway = '') {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const proxy = await startProxy({
    policies: POLICIES,
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]\n${gateway}\n`,
    variables: { SECRET: hmacSecret() },
  })
  const send = (head: string, body = '') =>
    rawRequest(
      proxy.port,
      `${head}\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      { until: (text) => /ok$|\}$/.test(text), timeout: 15_000 },
    )
  return { proxy, send }
}

/** Names that look like array indices, as such collide most easily. */
const names = (count: number) => Array.from({ length: count }, (_, index) => String(index * 65_536))

it('T127 reads 100,000 parameters like numbers, and the members of a body, as fast as any others', async () => {
  const { proxy, send } = await start('limits: { targetSize: 2Mi }\nbodyLimit: 2Mi')
  const query = names(100_000).map((name) => `${name}=`)
  const body = `{"user":"ann",${names(40_000).map((name) => `"${name}":0`)}}`
  expect((await send(`POST /head?${query.join('&')} HTTP/1.1`)).status).toBe(200)
  expect((await send('POST /body HTTP/1.1', body)).status).toBe(200)
  expect(proxy.requests()).toHaveLength(2)
})

it('T127 reads a thousand header fields like numbers', async () => {
  const { send } = await start()
  const fields = names(990).map((name) => `\r\n${name}: 1`)
  expect((await send(`POST /head HTTP/1.1${fields.join('')}`)).status).toBe(200)
})
