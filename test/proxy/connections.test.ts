import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { startProxy } from '../support/proxy.ts'
import { settled } from '../support/proxy-process.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type Replier, recordingUpstream } from '../support/recording-upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const GET = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'

async function start(settings: string, reply: Replier = OK) {
  const upstream = await recordingUpstream(reply)
  onTestFinished(upstream.close)
  const proxy = await startProxy({
    policies: '',
    gateway: `routes: [{ name: all, unmatched: forward, upstream: "${upstream.url}" }]\n${settings}\n`,
  })
  return { upstream, proxy }
}

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

const get = (port: number) => rawRequest(port, GET, { until: (text) => /ok$|\}$/.test(text) })

it('T119 closes connections beyond the limit, tells of them, and serves when others have ended', async () => {
  const { proxy } = await start('limits: { connections: 2 }')
  const [first] = [await opened(proxy.port), await opened(proxy.port)]
  const refused = await get(proxy.port)
  expect(refused).toMatchObject({ status: 0, bytes: Buffer.alloc(0) })
  expect(proxy.events.slice(1)).toMatchObject([
    {
      type: 'connection',
      refused: 'limit',
      remoteAddress: expect.stringMatching(/^127\.0\.0\.1:/),
    },
  ])
  expect(await proxy.metrics()).toMatch(/^countersign_connections 2$/m)
  expect(await proxy.metrics()).toMatch(
    /^countersign_connections_refused_total{reason="limit"} 1$/m,
  )
  first?.destroy()
  expect(
    (
      await settled(
        () => get(proxy.port),
        ({ status }) => status === 200,
      )
    ).status,
  ).toBe(200)
})

it('ends a connection with the last of its requests, whatever the client sent behind it', async () => {
  const { proxy, upstream } = await start('limits: { requestsPerConnection: 2 }')
  const reply = await rawRequest(proxy.port, GET.repeat(3))
  expect(reply.ended).toBe('closed')
  expect(reply.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
  expect(reply.text.match(/^connection: \S+/gim)).toEqual([
    'Connection: keep-alive',
    'Connection: close',
  ])
  expect(upstream.requests()).toHaveLength(2)
})

it('T119 closes a connection that waits for its next request for too long', async () => {
  const { proxy } = await start('timeouts: { idle: 500ms }')
  const reply = await rawRequest(proxy.port, GET)
  expect(reply).toMatchObject({ status: 200, ended: 'closed' })
})

it('answers 503 to requests beyond the limit of those under way, to be tried again', async () => {
  const held = Promise.withResolvers<string>()
  const { proxy, upstream } = await start('limits: { requests: 1 }', () => held.promise)
  const first = get(proxy.port)
  await settled(upstream.requests, ({ length }) => length === 1)
  const refused = await get(proxy.port)
  expect(refused.status).toBe(503)
  expect(refused.text).toMatch(/\r\nretry-after: 1\r\n/i)
  expect(refused.text).toContain('"code":"overload"')
  expect(await proxy.metrics()).toMatch(/^countersign_requests_in_flight 1$/m)
  expect(await proxy.metrics()).toMatch(/^countersign_overload_refusals_total 1$/m)
  held.resolve(OK)
  expect((await first).status).toBe(200)
  expect((await get(proxy.port)).status).toBe(200)
  expect(upstream.requests()).toHaveLength(2)
  expect(await proxy.metrics()).toMatch(/^countersign_requests_in_flight 0$/m)
})

it('T121 does not count an event stream among the requests under way', async () => {
  const { proxy } = await start('limits: { requests: 1 }', ({ target }) =>
    target === '/events'
      ? 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n'
      : OK,
  )
  const stream = await opened(proxy.port)
  stream.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(stream, 'data')
  expect((await get(proxy.port)).status).toBe(200)
  expect(await proxy.metrics()).toMatch(/^countersign_requests_in_flight 0$/m)
  expect(await proxy.metrics()).toMatch(/^countersign_upstream_streams{.*} 1$/m)
})

it.skipIf(!canMakeCertificates)('tells of a connection that does not agree on TLS', async () => {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const { cert, key } = await makeCertificate()
  const proxy = await startProxy({
    policies: '',
    gateway: `
listen: { address: 127.0.0.1:0, tls: { cert: cert.pem, key: key.pem } }
routes: [{ name: all, unmatched: forward, upstream: "${upstream.url}" }]
`,
    files: { 'cert.pem': cert, 'key.pem': key },
  })
  await rawRequest(proxy.port, GET)
  const old = connectTls({ port: proxy.port, host: '127.0.0.1', maxVersion: 'TLSv1.1' })
  await once(old, 'error').catch(() => {})
  const refusals = await settled(
    () => proxy.events.filter(({ type }) => type === 'connection'),
    ({ length }) => length === 2,
  )
  expect(refusals).toMatchObject([
    {
      refused: 'handshake',
      cause: 'ERR_SSL_HTTP_REQUEST',
      remoteAddress: expect.stringMatching(/:/),
    },
    { refused: 'handshake', cause: expect.stringMatching(/^ERR_SSL_/) },
  ])
  expect(await proxy.metrics()).toMatch(
    /^countersign_connections_refused_total{reason="handshake"} 2$/m,
  )
  expect(proxy.requests()).toEqual([])
})
