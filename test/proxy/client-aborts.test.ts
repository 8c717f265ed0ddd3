import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const POLICY = `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
`

/** A proxy before an upstream of which the test holds the sockets. */
async function start(onRequest: (socket: Socket) => void, policies = POLICY) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {}).once('data', () => onRequest(socket))
  })
  const port = await listening(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  const proxy = await startProxy({
    policies,
    upstream: `http://127.0.0.1:${port}`,
    variables: { SECRET: hmacSecret() },
  })
  const client = connect({ port: proxy.port, host: '127.0.0.1' }).on('error', () => {})
  await once(client, 'connect')
  return { sockets, proxy, client }
}

/** Whether the upstream's side of the connection has closed. */
const isClosed = (socket: Socket | undefined) => socket?.resume().closed

const ABORTS: readonly [string, (client: Socket) => void][] = [
  ['resets', (client) => client.resetAndDestroy()],
  ['closes', (client) => client.destroy()],
]

it.each(ABORTS)('T040 gives the upload up when the client %s', async (_how, abort) => {
  const arrived = Promise.withResolvers<void>()
  const { sockets, proxy, client } = await start(() => arrived.resolve())
  client.write('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n')
  client.write(Buffer.alloc(100_000))
  await arrived.promise
  abort(client)
  await expect.poll(() => isClosed(sockets[0])).toBe(true)
  const events = await proxy.requestsOnce(1)
  expect(events.map(({ status, error }) => [status, error?.code])).toEqual([
    [499, 'request/aborted'],
  ])
})

it.each(ABORTS)('T040 gives the download up when the client %s', async (_how, abort) => {
  const { sockets, proxy, client } = await start((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n')
    const timer = setInterval(() => socket.write(Buffer.alloc(64 * 1024)), 5)
    socket.once('close', () => clearInterval(timer))
  })
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(client, 'data')
  abort(client)
  await expect.poll(() => isClosed(sockets[0])).toBe(true)
  const events = await proxy.requestsOnce(1)
  expect(events.map(({ error }) => error?.code)).toEqual(['request/aborted'])
})

it('T040 gives the request up when the client resets before the answer', async () => {
  const arrived = Promise.withResolvers<void>()
  const { sockets, proxy, client } = await start(() => arrived.resolve())
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await arrived.promise
  client.resetAndDestroy()
  await expect.poll(() => isClosed(sockets[0])).toBe(true)
  expect((await proxy.requestsOnce(1)).map(({ error }) => error?.code)).toEqual(['request/aborted'])
})

it('forwards nothing when the client goes away before the body that a policy needs', async () => {
  const { sockets, proxy, client } = await start(
    () => {},
    `${POLICY}inject: { location: body, name: /token }\n`,
  )
  client.write(
    'POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"',
  )
  await wait(50)
  client.destroy()
  const events = await proxy.requestsOnce(1)
  expect(events.map(({ error }) => error?.code)).toEqual(['request/aborted'])
  expect(sockets).toEqual([])
})

it('T041 answers a client in full that has closed its side after the request', async () => {
  const size = 3_000_000
  const upstream = await recordingUpstream(async () => {
    await wait(50)
    return `HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${'x'.repeat(size)}`
  })
  const proxy = await startProxy({
    policies: POLICY,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const reply = await rawRequest(proxy.port, 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n', {
    halfClose: true,
  })
  await upstream.close()
  expect(reply.status).toBe(200)
  expect(reply.text.split('\r\n\r\n')[1]).toHaveLength(size)
  expect(reply.ended).toBe('closed')
})

it('serves others while clients come and go', async () => {
  const upstream = await recordingUpstream(async () => {
    await wait(5)
    return 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  })
  const proxy = await startProxy({
    policies: POLICY,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const before = process.listenerCount('uncaughtException')
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const client = connect({ port: proxy.port, host: '127.0.0.1' }).on('error', () => {})
      await once(client, 'connect')
      client.write(`POST /${index} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12`)
      await wait(index % 7)
      if (index % 3 === 0) client.write('345')
      await wait(index % 5)
      if (index % 2 === 0) client.destroy()
      else client.resetAndDestroy()
    }),
  )
  const response = await fetch(proxy.url)
  expect(response.status).toBe(200)
  expect(process.listenerCount('uncaughtException')).toBe(before)
  const events = await proxy.requestsOnce(61)
  expect(events).toHaveLength(61)
  await upstream.close()
})
