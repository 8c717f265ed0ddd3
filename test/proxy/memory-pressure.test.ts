import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { countEach } from '../support/load.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { rawRequest } from '../support/raw-client.ts'
import { signedVariables } from '../support/signed-policy.ts'

const BIN = new URL('../../bin/countersign.js', import.meta.url).pathname

const POLICIES = `
name: signed
match: { path: /body }
jwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 300, sub: "#[payload.user]" }
---
name: plain
match: { path: /plain }
jwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 300, sub: ann }
`

async function start(...flags: readonly string[]) {
  const upstream = await startChildUpstream()
  const proxy = await startProxyProcess({
    // a hundred bodies are parsed in one turn of the event loop, in which no connection gets on
    gateway: `
routes: [{ name: all, upstream: { url: "${upstream.url}", timeouts: { connect: 30s } } }]
bodyLimit: 2Mi
`,
    policies: POLICIES,
    env: signedVariables(),
    command: [process.execPath, ...flags, BIN],
  })
  return { proxy, port: Number(new URL(proxy.url).port) }
}

/** A request with a JSON body; the last byte is held back until `release`. */
function held(port: number, body: string) {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(port, '127.0.0.1')
  let reply = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    reply += text
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(reply) ?? []
    if (status !== undefined) resolve(status)
  })
  socket.on('error', () => resolve('reset')).on('close', () => resolve('closed'))
  onTestFinished(() => void socket.destroy())
  socket.write(
    `POST /body HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  socket.write(body.slice(0, -1))
  return { status: promise, release: () => socket.write(body.slice(-1)) }
}

const get = (port: number) =>
  rawRequest(port, 'GET /plain HTTP/1.1\r\nHost: a\r\n\r\n', { until: (text) => /\}$/.test(text) })

it('T055 buffers 128 MiB of 500 bodies of 1 MB, refuses the rest, and serves on', async () => {
  const { proxy, port } = await start()
  const body = `{"user":"ann","text":"${'x'.repeat(1_000_000)}"}`
  const clients = Array.from({ length: 500 }, () => held(port, body))
  await settled(
    () => proxy.metric('countersign_overload_refusals_total'),
    // 134 fit
    (count = 0) => count >= 366,
    30_000,
  )
  for (const { release } of clients) release()
  const statuses = countEach(await Promise.all(clients.map(({ status }) => status)))
  const { 200: served = 0, 503: refused = 0, ...others } = statuses
  expect(others).toEqual({})
  expect(served).toBeGreaterThan(0)
  expect(refused).toBeGreaterThanOrEqual(366)
  expect((await get(port)).status).toBe(200)
  expect(await proxy.metric('countersign_requests_in_flight')).toBe(0)
}, 60_000)

it('R23 answers bodies with 200 or 503 and does not run out of a heap of 96 MB', async () => {
  const { port } = await start('--max-old-space-size=96')
  // what is parsed takes many times as much as its text
  const members = Array.from({ length: 15_000 }, (_, index) => `"member-${index}":{"a":[${index}]}`)
  const body = `{"user":"ann",${members.join()}}`
  const clients = Array.from({ length: 200 }, () => held(port, body))
  for (const { release } of clients) release()
  const {
    200: served = 0,
    503: refused = 0,
    ...others
  } = countEach(await Promise.all(clients.map(({ status }) => status)))
  expect(others).toEqual({})
  expect(served).toBeGreaterThan(0)
  expect(served + refused).toBe(clients.length)
  expect(
    (
      await settled(
        () => get(port),
        ({ status }) => status === 200,
      )
    ).status,
  ).toBe(200)
}, 60_000)
