import { createServer } from 'node:http'
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net'
import express from 'express'
import request from 'supertest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { proxy } from '../../src/hosts/express.ts'
import { listening } from '../support/listening.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type Replier, recordingUpstream } from '../support/recording-upstream.ts'
import { AT, serve, signing, until } from './host.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n'
const LAST = 'Connection: close\r\n\r\n'

/** An Express gateway in front of an upstream that replies so. */
async function gateway(reply?: Replier, timeouts = '{ headers: 30s }') {
  const upstream = await recordingUpstream(reply)
  onTestFinished(upstream.close)
  const middleware = await signing(AT.header, {
    gateway: `routes: [{ name: all, upstream: { url: "${upstream.url}", timeouts: ${timeouts} } }]`,
  })
  const app = express().use(middleware, proxy())
  return { upstream, events: middleware.events, port: await serve(app) }
}

const drip: Replier = (_request, socket) => {
  const early = () => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')
  const timer = setInterval(early, 100)
  socket.once('close', () => clearInterval(timer))
  return undefined
}

describe('an upstream that fails before its answer', () => {
  it.each([
    [
      'closes the connection',
      (_: unknown, socket: Socket) => void socket.destroy(),
      502,
      'protocol',
    ],
    ['answers no HTTP', 'garbage\r\n\r\n', 502, 'protocol'],
    ['frames twice', ok('content-length: 2\r\ntransfer-encoding: chunked', 'ok'), 502, 'protocol'],
    ['has a control character in the reason', 'HTTP/1.1 200 O\x01K\r\n\r\n', 502, 'protocol'],
    ['has a status below 100', 'HTTP/1.1 099 X\r\ncontent-length: 0\r\n\r\n', 502, 'protocol'],
    ['switches protocols unasked', 'HTTP/1.1 101 X\r\nupgrade: x\r\n\r\n', 502, 'protocol'],
    [
      'switches protocols unasked, as its Connection field says',
      'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
      502,
      'protocol',
    ],
    [
      'codes the transfer in another way besides',
      ok('transfer-encoding: gzip, chunked', '2\r\nok\r\n0\r\n\r\n'),
      502,
      'protocol',
    ],
    ['sends interim answers without end', drip, 504, 'timeout'],
    ['does not answer', undefined, 504, 'timeout'],
  ] as const)('gives one problem document when it %s', async (_title, reply, status, code) => {
    const { events, port } = await gateway(reply ?? (() => undefined), '{ headers: 500ms }')
    const answer = await rawRequest(port, GET + LAST)
    expect(answer.status).toBe(status)
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(answer.text).not.toMatch(/x-powered-by/i)
    const problem = JSON.parse(answer.text.slice(answer.text.indexOf('\r\n\r\n')))
    expect(problem.code).toBe(`upstream/${code}`)
    await until(() => events.length === 1)
    expect(events[0]).toMatchObject({
      requestId: problem.request_id,
      status,
      error: { code: `upstream/${code}` },
    })
  })

  it('gives 502 when nobody listens', async () => {
    const { upstream, port } = await gateway()
    await upstream.close()
    const answer = await rawRequest(port, GET + LAST)
    expect(answer.text).toContain('"code":"upstream/unreachable"')
  })

  it('lets a client that still sends read the whole problem document', async () => {
    const upstream = createNetServer((socket) => socket.once('data', () => socket.destroy()))
    const url = await listen(upstream)
    const middleware = await signing(AT.header, { upstream: url })
    const port = await serve(express().use(middleware, proxy()))
    const head = `${GET.replace('GET', 'PUT')}Content-Length: 400000\r\n\r\n`
    const parts = Array.from({ length: 4 }, () => 'x'.repeat(100_000))
    const answer = await rawRequest(port, [head, ...parts], { pause: 100 })
    expect(answer.status).toBe(502)
    expect(answer.text).toMatch(/"request_id":"[^"]+"\}$/)
    expect(answer.ended).toBe('closed')
    expect(middleware.events).toHaveLength(1)
  })

  it('passes on a whole answer that comes before the request is sent in full', async () => {
    const upstream = createNetServer((socket) => {
      socket.once('data', () => socket.write(ok('content-length: 3', 'big', '413 Too Large')))
      setTimeout(() => socket.resetAndDestroy(), 150)
    })
    const url = await listen(upstream)
    const port = await serve(express().use(await signing(AT.header, { upstream: url }), proxy()))
    const head = `${GET.replace('GET', 'PUT')}Content-Length: 400000\r\n\r\n`
    const parts = Array.from({ length: 4 }, () => 'x'.repeat(100_000))
    const answer = await rawRequest(port, [head, ...parts, `${GET}${LAST}`], { pause: 100 })
    expect(answer.text).toMatch(/^HTTP\/1\.1 413 [\s\S]*\r\n\r\nbigHTTP\/1\.1 413 [\s\S]*big$/)
  })

  it('goes on serving afterwards on the same connection', async () => {
    let count = 0
    const { port } = await gateway((_request, socket) => {
      count += 1
      if (count === 1) socket.destroy()
      return ok('content-length: 4', 'fine')
    })
    const answer = await rawRequest(port, [`${GET}\r\n`, `${GET}${LAST}`], { pause: 100 })
    expect(answer.text).toMatch(/^HTTP\/1\.1 502 .*HTTP\/1\.1 200 .*fine$/s)
  })
})

it.each([
  ['the length of an answer without content', 'content-length: 5', '204 No Content'],
  ['a reason that not every client can read', 'x-a: b', '204 Gr\xf6\xdfe'],
])('does not pass on %s', async (_what, line, statusLine) => {
  const { port } = await gateway(() => Buffer.from(ok(line, '', statusLine), 'latin1'))
  const answer = await rawRequest(port, GET + LAST)
  expect(answer.text).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
  expect(answer.text.toLowerCase()).not.toContain('content-length')
})

describe('an upstream that fails within its answer', () => {
  it.each([
    ['closes early', ok('content-length: 9', 'part'), 'protocol'],
    ['sends a bad chunk', ok('transfer-encoding: chunked', '4\r\npart\r\nzz\r\n'), 'protocol'],
    ['pauses too long', ok('content-length: 9', 'part'), 'timeout'],
  ] as const)('cuts the client off when it %s', async (title, reply, code) => {
    const { events, port } = await gateway((_request, socket) => {
      if (title === 'closes early') setTimeout(() => socket.destroy(), 50)
      return reply
    }, '{ body: 500ms }')
    const answer = await rawRequest(port, `${GET}\r\n`)
    expect(answer.text).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(answer.ended).not.toBe('timeout')
    expect(answer.text).not.toContain('problem')
    await until(() => events.length === 1)
    expect(events[0]?.error?.code).toBe(`upstream/${code}`)
  })
})

describe('a client that goes away', () => {
  it.each([
    ['before the answer', '', `${GET}\r\n`],
    ['within the answer', ok('content-length: 9', 'part'), `${GET}\r\n`],
    ['within its body', '', `${GET.replace('GET', 'PUT')}Content-Length: 9\r\n\r\npart`],
  ] as const)('%s ends the exchange with the upstream', async (_title, reply, bytes) => {
    const closed: boolean[] = []
    const upstream = createServer((message) => {
      message.socket.on('close', () => closed.push(true))
      if (reply) message.socket.write(reply)
    })
    const url = await listen(upstream)
    const middleware = await signing(AT.header, { upstream: url })
    const port = await serve(express().use(middleware, proxy()))
    await rawRequest(port, bytes, { timeout: 200 })
    await until(() => closed.length === 1 && middleware.events.length === 1)
    expect(middleware.events[0]?.error?.code).toBe('request/aborted')
  })
})

describe('what goes back', () => {
  it('leaves out the fields of the connection, and keeps repeated lines', async () => {
    const lines = 'connection: x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=9\r\nproxy-authenticate: x'
    const more = 'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Two: a\r\nX-Two: b\r\nlocation: /next'
    const { port } = await gateway(ok(`${lines}\r\n${more}\r\ncontent-length: 0`, '', '302 Found'))
    const { text } = await rawRequest(port, GET + LAST)
    expect(text).toMatch(/^HTTP\/1\.1 302 Found\r\n/)
    expect(text).toContain('Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Two: a\r\nX-Two: b\r\n')
    expect(text).toContain('location: /next')
    expect(text).not.toMatch(/x-hop|timeout=9|proxy-authenticate/i)
  })

  it('lets middleware that wraps writeHead see its fields', async () => {
    const { url, close } = await recordingUpstream(ok('x-one: 1\r\ncontent-length: 0', ''))
    onTestFinished(close)
    const app = express().use((_message, response, next) => {
      const { writeHead } = response
      response.writeHead = (...all: [never]) => {
        response.setHeader('x-seen', response.getHeader('x-one') ?? 'nothing')
        return writeHead.apply(response, all)
      }
      next()
    })
    app.use(await signing(AT.header, { upstream: url }), proxy())
    await request(app).get('/').set('x-user', 'ann').expect('x-seen', '1')
  })

  it.each([
    ['HEAD', 'HEAD', ok('content-length: 9', ''), /content-length: 9\r\n/],
    ['204', 'GET', ok('x: y', '', '204 No Content'), /^HTTP\/1\.1 204/],
    ['304', 'GET', ok('etag: "a"', '', '304 Not Modified'), /^HTTP\/1\.1 304/],
    ['an interim answer', 'GET', `HTTP/1.1 103 X\r\n\r\n${ok('content-length: 2', 'ok')}`, /ok$/],
  ])('answers %s as the upstream did', async (_title, method, reply, expected) => {
    const { port } = await gateway(reply)
    const { text, ended } = await rawRequest(port, GET.replace('GET', method) + LAST)
    expect(text).toMatch(expected)
    expect(text).not.toContain('103')
    expect(ended).toBe('closed')
  })

  it('ends the body by closing for HTTP/1.0', async () => {
    const { port } = await gateway(ok('transfer-encoding: chunked', '2\r\nok\r\n0\r\n\r\n'))
    const { text } = await rawRequest(port, 'GET / HTTP/1.0\r\nX-User: ann\r\n\r\n')
    expect(text).toMatch(/\r\n\r\nok$/)
  })

  it('passes parts on as they come', async () => {
    const { port } = await gateway((_request, socket) => {
      setTimeout(() => socket.write('data: 2\n\n'), 100)
      return ok('content-type: text/event-stream', 'data: 1\n\n')
    })
    const first = await rawRequest(port, `${GET}\r\n`, { until: (all) => all.includes('data: 1') })
    expect(first.text).not.toContain('data: 2')
  })
})

it('passes octets beyond ASCII in a field on when the head goes out before the body', async () => {
  const { port } = await gateway((_request, socket) => {
    socket.write(ok('x-latin: caf\xe9\r\ncontent-length: 2', ''), 'latin1')
    setTimeout(() => socket.write('ok'), 50)
    return undefined
  })
  const answer = await rawRequest(port, GET + LAST)
  expect(answer.text).toMatch(/x-latin: caf\xe9\r\n.*ok$/s)
})

it('uses a connection to the upstream again', async () => {
  const { upstream, port } = await gateway()
  await rawRequest(port, [`${GET}\r\n`, `${GET}${LAST}`], { pause: 100 })
  expect(upstream.requests()).toHaveLength(2)
  expect(upstream.connections()).toHaveLength(1)
})

it('forwards header fields that a handler between added', async () => {
  const { url, requests, close } = await recordingUpstream()
  onTestFinished(close)
  const app = express()
  app.use('/api', await signing(AT.query, { upstream: url }))
  app.use('/api', (message, _response, next) => {
    message.headers['x-tenant'] = 'acme'
    next()
  })
  app.use('/api', proxy())
  await request(app).get('/api/orders?token=CLIENT').set('x-user', 'ann').expect(200)
  const [seen] = requests()
  expect(seen?.values('x-tenant')).toEqual(['acme'])
  expect(seen?.target).toMatch(/^\/api\/orders\?token=eyJ[^&]+$/)
})

it.each(['content-length', 'transfer-encoding'] as const)(
  'frames a body as it came, though a handler between deleted its %s',
  async (name) => {
    const { url, requests, close } = await recordingUpstream()
    onTestFinished(close)
    const app = express().use(await signing(AT.header, { upstream: url }), (message, _, next) => {
      delete message.headers[name]
      next()
    })
    const framing =
      name === 'content-length' ? 'Content-Length: 3\r\n' : 'Transfer-Encoding: chunked\r\n'
    const body = name === 'content-length' ? 'abc' : '3\r\nabc\r\n0\r\n\r\n'
    const bytes = `${GET.replace('GET', 'PUT')}${framing}${LAST}${body}`
    const { status } = await rawRequest(await serve(app.use(proxy())), bytes)
    expect(status).toBe(200)
    expect(requests().map((seen) => seen.body.toString())).toEqual(['abc'])
  },
)

it('refuses a length that a handler between wrote and that the body has not', async () => {
  const { url, requests, close } = await recordingUpstream()
  onTestFinished(close)
  const app = express().use(await signing(AT.json, { upstream: url }), (message, _, next) => {
    message.headers['content-length'] = '3'
    next()
  })
  const { body } = await request(app.use(proxy())).post('/').set('x-user', 'ann').send({ a: 1 })
  expect(body.code).toBe('request/malformed')
  expect(requests()).toEqual([])
})

it('sends a request once more over a new connection when the one that waited was closed', async () => {
  let count = 0
  const { upstream, port } = await gateway((_request, socket) => {
    count += 1
    if (count === 2) socket.destroy()
    return ok('content-length: 4', 'fine')
  })
  const answer = await rawRequest(port, [`${GET}\r\n`, `${GET}${LAST}`], { pause: 100 })
  expect(answer.text.match(/fine/g)).toHaveLength(2)
  expect(upstream.connections()).toHaveLength(2)
})

it.each([
  ['without countersign()', async () => express().use(proxy())],
  ['without an upstream', async () => express().use(await signing(AT.header), proxy())],
  [
    'behind a body parser',
    async () => {
      const signed = await signing(AT.header, { upstream: 'http://127.0.0.1:9' })
      return express().use(express.json(), signed, proxy())
    },
  ],
] as const)('refuses with internal %s', async (_title, make) => {
  const response = await request(await make())
    .post('/')
    .set('x-user', 'ann')
    .send({ a: 1 })
  expect(response.status).toBe(500)
  expect(response.body.code).toBe('internal')
})

it('leaves one listener on the server, however many upstreams there are', async () => {
  const { url, close } = await recordingUpstream()
  onTestFinished(close)
  const routes = Array.from({ length: 20 }, (_, index) => {
    return `{ name: r${index}, match: { path: /${index} }, upstream: "${url}" }`
  })
  const middleware = await signing(AT.header, { gateway: `routes: [${routes.join(', ')}]` })
  const server = createServer(express().use(middleware, proxy()))
  const before = server.listenerCount('close')
  const base = await listen(server)
  for (const [index] of routes.entries()) {
    const { status } = await fetch(`${base}/${index}`, { headers: { 'x-user': 'ann' } })
    expect(status).toBe(200)
  }
  expect(server.listenerCount('close') - before).toBeLessThanOrEqual(1)
  expect(server.listenerCount('upgrade')).toBe(0)
})

function ok(lines: string, body: string, status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\n${lines}\r\n\r\n${body}`
}

async function listen(server: NetServer): Promise<string> {
  return `http://127.0.0.1:${await listening(server)}`
}
