import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it, onTestFinished } from 'vitest'
import type WebSocket from 'ws'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type Replier, recordingUpstream } from '../support/recording-upstream.ts'
import { acceptOf, WEBSOCKET_KEY, webSocketRequest } from '../support/web-socket.ts'
import { openWebSocket, webSocketUpstream } from '../support/web-socket-upstream.ts'

const secret = hmacSecret()

const POLICY = `
name: signed
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  sub: ann
exposeToClient: { header: x-token }
`

/** A proxy before `url`; `route` stands in its one route besides. */
function start(url: string, route = 'upgrades: [websocket]', more = '', files = {}) {
  const upstream = `{ url: "${url}", breaker: off, pool: { streams: 20 } }`
  return startProxy({
    policies: POLICY,
    gateway: `${more}\nroutes: [{ name: all, upstream: ${upstream}, ${route} }]`,
    files,
    variables: { SECRET: secret },
  })
}

/** A proxy before an upstream that answers every request with `reply`. */
async function startRaw(reply?: Replier, route?: string) {
  const upstream = await recordingUpstream(reply)
  onTestFinished(upstream.close)
  return { upstream, proxy: await start(upstream.url, route) }
}

const SWITCHED = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${acceptOf(WEBSOCKET_KEY)}`,
  '\r\n',
].join('\r\n')

/** Messages that have come back unchanged. */
async function echo(socket: WebSocket, messages: readonly Buffer[]): Promise<Buffer[]> {
  const back: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.on('message', (data: Buffer) => {
    back.push(data)
    if (back.length === messages.length) resolve()
  })
  for (const message of messages) socket.send(message)
  await promise
  return back
}

const digest = (messages: readonly Buffer[]) => hash('sha256', Buffer.concat(messages))

describe('a WebSocket', () => {
  it('T035 reaches the upstream with our token alone, and 1,000 messages come back unchanged', async () => {
    const upstream = await webSocketUpstream()
    const proxy = await start(upstream.url)
    const socket = await openWebSocket(proxy.url, {
      headers: { authorization: 'Bearer CLIENT', Authorization_: 'Bearer ALIAS' },
    })
    const [request] = upstream.requests
    expect(request?.headersDistinct.authorization).toHaveLength(1)
    expect(request?.rawHeaders.join()).not.toMatch(/CLIENT|ALIAS/)
    const token = request?.headers.authorization?.replace('Bearer ', '') ?? ''
    expect(createVerifier({ key: secret })(token).sub).toBe('ann')

    const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_000_000]
    const messages = Array.from({ length: 1000 }, (_, index) => randomBytes(sizes[index] ?? index))
    expect(digest(await echo(socket, messages))).toBe(digest(messages))
    const ponged = once(socket, 'pong')
    socket.ping('are you there')
    expect(String((await ponged)[0])).toBe('are you there')
  })

  it.each([
    ['client', 4001],
    ['upstream', 4002],
  ] as const)('T035 closes with the code of the %s', async (from, code) => {
    const upstream = await webSocketUpstream()
    const proxy = await start(upstream.url)
    const near = await openWebSocket(proxy.url)
    const far = upstream.sockets[0] as WebSocket
    const [closer, other] = from === 'client' ? [near, far] : [far, near]
    const closed = Promise.all([once(other, 'close'), once(closer, 'close')])
    closer.close(code, 'enough')
    for (const [seen, reason] of await closed) {
      expect([seen, String(reason)]).toEqual([code, 'enough'])
    }
    const [event] = await proxy.requestsOnce(1)
    expect(event).toMatchObject({ status: 101, route: 'all', policies: [{ policy: 'signed' }] })
    expect(event).not.toHaveProperty('error')
  })

  it('agrees with the upstream on a subprotocol and on compression', async () => {
    const upstream = await webSocketUpstream()
    const proxy = await start(upstream.url)
    const socket = await openWebSocket(proxy.url, {}, ['one', 'two'])
    expect(socket.protocol).toBe('two')
    expect(upstream.requests[0]?.headers['sec-websocket-extensions']).toMatch(/permessage-deflate/)
  })

  it.each(['client', 'upstream'] as const)('ends when the %s breaks off', async (from) => {
    const upstream = await webSocketUpstream()
    const proxy = await start(upstream.url)
    const near = await openWebSocket(proxy.url)
    const far = upstream.sockets[0] as WebSocket
    const [breaker, other] = from === 'client' ? [near, far] : [far, near]
    const closed = once(other, 'close')
    breaker.terminate()
    expect((await closed)[0]).toBe(1006)
    await proxy.requestsOnce(1)
  })

  it.skipIf(!canMakeCertificates)('passes over TLS', async () => {
    const upstream = await webSocketUpstream()
    const { cert, key } = await makeCertificate()
    const listen = 'listen: { address: 127.0.0.1:0, tls: { cert: cert.pem, key: key.pem } }'
    const proxy = await start(upstream.url, undefined, listen, { 'cert.pem': cert, 'key.pem': key })
    const socket = await openWebSocket(`https://127.0.0.1:${proxy.port}`, {
      rejectUnauthorized: false,
    })
    const messages = [randomBytes(100_000)]
    expect(digest(await echo(socket, messages))).toBe(digest(messages))
  })

  it('keeps what is sent before the answer to the handshake, both ways', async () => {
    const proxy = await start(`http://127.0.0.1:${await listening(early())}`)
    const reply = await rawRequest(proxy.port, `${webSocketRequest()}from the client`, {
      until: (text) => text.endsWith('from the client'),
    })
    expect(reply.status).toBe(101)
    expect(reply.text).toMatch(/\r\n\r\nfrom the upstreamfrom the client$/)
    expect(reply.text).toMatch(/^x-token: .+\r\n\r\n/m)
  })

  it('has a place among 20 streams, and leaves none taken when it has ended', async () => {
    const upstream = await webSocketUpstream()
    const proxy = await start(upstream.url)
    const sockets = await Promise.all(Array.from({ length: 20 }, () => openWebSocket(proxy.url)))
    const before = proxy.workload()
    expect(before.requests).toBe(0)
    expect(before.upstreams).toMatchObject([{ inUse: 0, streams: 20 }])
    const oneMore = openWebSocket(proxy.url)
    await expect(oneMore).rejects.toThrow('503')
    for (const socket of sockets) socket.close()
    await proxy.requestsOnce(21)
    expect(proxy.workload().upstreams).toMatchObject([{ inUse: 0, streams: 0, waiting: 0 }])
  })
})

/** An upstream that says something with its answer, and everything back behind it. */
function early() {
  return createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', (head: Buffer) => {
      const end = head.indexOf('\r\n\r\n') + 4
      socket.write(`${SWITCHED}from the upstream`)
      socket.write(head.subarray(end))
      socket.pipe(socket)
    })
  })
}

describe('a request for a WebSocket', () => {
  it('is 426 where the route does not say that it may become one', async () => {
    const { upstream, proxy } = await startRaw(undefined, 'upgrades: []')
    const reply = await rawRequest(proxy.port, webSocketRequest())
    expect(reply.status).toBe(426)
    expect(reply.text).toMatch(/^upgrade: HTTP\/1\.1\r$/im)
    expect(reply.text).toMatch(/^connection: upgrade, close\r$/im)
    expect(upstream.connections()).toEqual([])
  })

  it.each([
    ['to h2c', { upgrade: 'h2c', 'http2-settings': 'AAMAAABk' }, 'GET'],
    ['with settings of HTTP/2', { 'http2-settings': 'AAMAAABk' }, 'GET'],
    ['to a list of protocols', { upgrade: 'websocket, h2c' }, 'GET'],
    ['without a protocol', { upgrade: undefined }, 'GET'],
    ['that Connection does not nominate', { connection: 'keep-alive' }, 'GET'],
    ['in an old version', { 'sec-websocket-version': '8' }, 'GET'],
    ['without a key', { 'sec-websocket-key': undefined }, 'GET'],
    ['that posts', {}, 'POST'],
    ['with a body', { 'content-length': '2' }, 'GET'],
    ['that nominates its key', { connection: 'Upgrade, Sec-WebSocket-Key' }, 'GET'],
  ])('T036 is refused %s', async (_case, change, method) => {
    const { upstream, proxy } = await startRaw()
    const asked = webSocketRequest('/', '', change).replace('GET', method)
    const reply = await rawRequest(proxy.port, `${asked}hiGET /behind HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(reply.text.match(/HTTP\/1\.1 [0-9]{3}/g)).toEqual([
      expect.stringMatching(/ (?:426|400)$/),
    ])
    expect(reply.ended).toBe('closed')
    expect(upstream.connections()).toEqual([])
  })

  it.each<[string, string, number, string]>([
    ['an overload', 'upgrades: [websocket]', 503, 'limits: { requests: 1 }'],
    ['no route', 'upgrades: [websocket], match: { path: /other }', 404, ''],
    ['a caller that may not', 'upgrades: [websocket], allow: "#[false]"', 403, ''],
    ['an upstream that is not there', 'upgrades: [websocket]', 502, ''],
  ])('is refused for %s as any other', async (name, route, status, more) => {
    const proxy = await start('http://127.0.0.1:1', route, more)
    if (name === 'an overload') await occupy(proxy.port)
    const reply = await rawRequest(proxy.port, webSocketRequest())
    expect(reply.status).toBe(status)
    expect(reply.text).toMatch(/^content-type: application\/problem\+json\r$/im)
    expect(reply.ended).toBe('closed')
  })

  it.each([
    ['while another is answered', `GET /first HTTP/1.1\r\nHost: a\r\n\r\n`, [200, 426]],
    ['and ends the connection with its refusal', webSocketRequest('//x'), [400]],
  ])('is never served behind another, %s', async (_case, first, statuses) => {
    const { upstream, proxy } = await startRaw()
    const reply = await rawRequest(proxy.port, first + webSocketRequest('/socket'))
    const found = reply.text.match(/(?<=HTTP\/1\.1 )[0-9]{3}/g)?.map(Number)
    expect(found).toEqual(statuses)
    expect(reply.ended).toBe('closed')
    expect(upstream.requests().map(({ target }) => target)).not.toContain('/socket')
  })

  it('is served behind another that has been answered', async () => {
    const { upstream, proxy } = await startRaw(({ target }) =>
      target === '/first' ? 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok' : SWITCHED,
    )
    const client = connect(proxy.port, '127.0.0.1')
    onTestFinished(() => void client.destroy())
    client.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(String(await once(client, 'data'))).toMatch(/^HTTP\/1\.1 200/)
    client.write(webSocketRequest('/socket'))
    expect(String(await once(client, 'data'))).toMatch(/^HTTP\/1\.1 101/)
    expect(upstream.requests().map(({ target }) => target)).toEqual(['/first', '/socket'])
  })
})

/** Leaves a request that the proxy goes on waiting for. */
async function occupy(port: number): Promise<void> {
  const client = connect(port, '127.0.0.1')
  onTestFinished(() => void client.destroy())
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n')
  await once(client, 'data')
}

describe('an upstream that is asked for a WebSocket', () => {
  it.each([
    ['401 Unauthorized', 'WWW-Authenticate: Basic', 'no'],
    ['302 Found', 'Location: /elsewhere', ''],
    ['200 OK', 'X-A: b', 'just a page'],
    ['426 Upgrade Required', 'X-A: b', 'not in this version'],
    ['503 Service Unavailable', 'Retry-After: 9', 'x'.repeat(3_000_000)],
  ])('may answer %s instead', async (line, field, body) => {
    const { upstream, proxy } = await startRaw(
      `HTTP/1.1 ${line}\r\n${field}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const reply = await rawRequest(proxy.port, webSocketRequest())
    expect(reply.text).toMatch(new RegExp(`^HTTP/1\\.1 ${line}\r\n`))
    expect(reply.text).toContain(`${field}\r\n`)
    expect(reply.text.endsWith(`\r\n\r\n${body}`)).toBe(true)
    expect(reply.ended).toBe('closed')
    expect(upstream.requests()[0]?.values('upgrade')).toEqual(['websocket'])
    expect(upstream.requests()[0]?.values('connection')).toEqual(['upgrade'])
  })

  it.each([
    ['a 101 with the answer to another key', SWITCHED.replace(/Accept: .*/, 'Accept: x')],
    ['a 101 to another protocol', SWITCHED.replace('websocket', 'h2c')],
    ['a 101 without a protocol', 'HTTP/1.1 101 X\r\n\r\n'],
    ['a 200 with everything else', SWITCHED.replace(/101.*/, '200 OK')],
    ['no HTTP', 'garbage\r\n\r\n'],
  ])('T024 is not believed %s', async (_case, answer) => {
    const ended = Promise.withResolvers<void>()
    const { proxy } = await startRaw((_request, socket) => {
      socket.once('close', () => ended.resolve())
      return answer
    })
    const reply = await rawRequest(proxy.port, webSocketRequest())
    expect(reply.status).toBe(502)
    await ended.promise
  })
})

it('T024 does not take a 101 that nobody asked for as an interim answer', async () => {
  const { proxy } = await startRaw('HTTP/1.1 101 X\r\n\r\n')
  const reply = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', {
    until: (text) => text.includes('}'),
  })
  expect(reply.status).toBe(502)
})
