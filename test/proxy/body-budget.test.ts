import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { openGateway } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'

const POLICY = `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
match: { path: /body }
inject: { location: body, name: /token }
---
name: plain
match: { path: /slow }
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
`
const HEAD =
  'POST /body HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 600\r\n\r\n'
const BODY = `{"a":"${'x'.repeat(592)}"}`

/** A proxy that buffers 1000 bytes of all bodies together. */
async function start() {
  const upstream = await recordingUpstream(({ target }) =>
    target === '/slow' ? undefined : 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  )
  onTestFinished(upstream.close)
  const folder = await tempFolder({ 'policies/test.yaml': POLICY })
  const secret = hmacSecret()
  const environment = { ...systemEnvironment(), variable: () => secret }
  const observe = () => {}
  const { gateway } = await openGateway({
    policies: `${folder.path}/policies`,
    upstream: upstream.url,
    environment,
    observe,
  })
  const proxy = createStandalone({ gateway, environment, observe, bodyBudget: 1000 })
  onTestFinished(() => proxy.close())
  return { upstream, port: await listening(proxy.server) }
}

/** A client of whose body all but the last byte has arrived. */
async function stalled(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(HEAD + BODY.slice(0, -1))
  await wait(30)
  return socket
}

function post(port: number) {
  return rawRequest(port, HEAD + BODY, { until: (text) => /ok$|\}$/.test(text) })
}

it('answers 503 overload, to be tried again, when too much is buffered at once', async () => {
  const { upstream, port } = await start()
  await stalled(port)
  const refused = await post(port)
  expect(refused.status).toBe(503)
  expect(refused.text).toMatch(/\r\nretry-after: 1\r\n/i)
  expect(refused.text).toContain('"code":"overload"')
  expect(upstream.connections()).toEqual([])
})

it('serves again when the client that held the buffer is served', async () => {
  const { port } = await start()
  const holder = await stalled(port)
  holder.write(BODY.slice(-1))
  await once(holder, 'data')
  expect((await post(port)).status).toBe(200)
})

it('serves again when the client that held the buffer goes away', async () => {
  const { port } = await start()
  const holder = await stalled(port)
  holder.resetAndDestroy()
  await wait(30)
  expect((await post(port)).status).toBe(200)
})

it('serves again when a client goes away whose answers still wait for their turn', async () => {
  const { upstream, port } = await start()
  const holder = connect(port, '127.0.0.1').on('error', () => {})
  await once(holder, 'connect')
  holder.write(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${HEAD}${BODY}`)
  await wait(50)
  expect(upstream.requests().map(({ target }) => target)).toContain('/body')
  expect((await post(port)).status).toBe(503)
  holder.resetAndDestroy()
  await wait(30)
  expect((await post(port)).status).toBe(200)
})

it('counts each request until it ends only', async () => {
  const { port } = await start()
  for (let turn = 0; turn < 4; turn += 1) expect((await post(port)).status).toBe(200)
})
