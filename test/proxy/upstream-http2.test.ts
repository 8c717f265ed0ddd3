import {
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  canMakeCertificates,
  makeCertificate,
  type TestCertificate,
} from '../support/certificate.ts'
import { forwardTo } from '../support/forwarding.ts'
import { freePort, listening } from '../support/listening.ts'
import { rawRequest } from '../support/raw-client.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: HTTP/2 upstreams, as openssl is not on the PATH\n')
}

describe.skipIf(!canMakeCertificates)('HTTP/2 to an upstream', () => {
  let certificate: TestCertificate

  beforeAll(async () => {
    certificate = await makeCertificate()
  })

  interface StartOptions {
    readonly settings?: Settings
    readonly timeouts?: object
    readonly breaker?: 'off'
  }
  type Handle = (stream: ServerHttp2Stream, headers: NodeJS.Dict<string | string[]>) => void

  async function start(handle: Handle, { settings = {}, ...more }: StartOptions = {}) {
    const server = createSecureServer({ ...certificate, settings, allowHTTP1: false })
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => {})
      handle(stream, headers)
    })
    return { ...(await proxyTo(server, more)), server }
  }

  async function proxyTo(server: Http2SecureServer, more: object) {
    const sessions = new Set<{ destroy(): void }>()
    let opened = 0
    server.on('session', (session) => {
      opened += 1
      sessions.add(session)
    })
    const port = await freePort(server)
    const endSessions = () => {
      for (const session of sessions) session.destroy()
      sessions.clear()
    }
    onTestFinished(() => {
      server.close()
      endSessions()
    })
    const proxy = await forwardTo(
      { url: `https://localhost:${port}`, http2: true, tls: { ca: 'ca.pem' }, ...more },
      { 'ca.pem': certificate.cert },
    )
    return { proxy, port, opened: () => opened, endSessions }
  }

  it('is spoken with an upstream that offers it, over one connection', async () => {
    const seen: NodeJS.Dict<string | string[]>[] = []
    const { proxy, port, opened } = await start((stream, headers) => {
      seen.push(headers)
      stream.respond({ ':status': 201, 'x-a': 'b', 'set-cookie': ['a=1', 'b=2'] })
      stream.end('made')
    })
    await (await fetch(proxy.url)).text()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => fetch(`${proxy.url}/${index}?q=1`)),
    )
    for (const answer of answers) {
      expect(answer.status).toBe(201)
      expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      expect(await answer.text()).toBe('made')
    }
    expect(opened()).toBe(1)
    expect(seen[1]).toMatchObject({
      ':authority': `localhost:${port}`,
      authorization: expect.stringMatching(/^Bearer /),
    })
    expect(seen.map((headers) => headers[':path']).slice(1)).toContain('/7?q=1')
    expect(Object.keys(seen[1] ?? {})).not.toContain('connection')
  })

  it('carries bodies both ways', async () => {
    const { proxy } = await start((stream) => {
      stream.respond({ ':status': 200 })
      stream.pipe(stream)
    })
    const body = 'x'.repeat(3_000_000)
    const answer = await fetch(proxy.url, { method: 'POST', body })
    expect((await answer.text()) === body).toBe(true)
  })

  it('is not spoken with an upstream that does not offer it', async () => {
    const server = createHttpsServer(certificate, (message, response) =>
      response.end(message.httpVersion),
    )
    const proxy = await forwardTo(
      {
        url: `https://localhost:${await listening(server)}`,
        http2: true,
        tls: { ca: 'ca.pem' },
      },
      { 'ca.pem': certificate.cert },
    )
    const texts = Array.from({ length: 5 }, async () => (await fetch(proxy.url)).text())
    expect(await Promise.all(texts)).toEqual(Array(5).fill('1.1'))
  })

  it('T038 hands hints on and drops other interim answers', async () => {
    const { proxy } = await start((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a>; rel=preload' })
      stream.additionalHeaders({ ':status': 102 })
      stream.respond({ ':status': 200, 'content-length': 2 })
      stream.end('ok')
    })
    const answer = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', {
      until: (text) => text.endsWith('ok'),
    })
    expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 103', 'HTTP/1.1 200'])
    expect(answer.text).toContain('Link: </a>; rel=preload')
  })

  it.each<[string, Handle, number]>([
    ['answers 502 for a stream that is reset', (stream) => stream.close(2), 502],
    ['answers 504 for a stream that stays silent', () => {}, 504],
  ])('T024 %s, and serves others meanwhile', async (_case, fault, status) => {
    const { proxy, opened } = await start(
      (stream, headers) => {
        if (headers[':path'] === '/a') fault(stream, headers)
        else {
          stream.respond({ ':status': 200 })
          stream.end('ok')
        }
      },
      { timeouts: { headers: '300ms' }, breaker: 'off' },
    )
    await (await fetch(proxy.url)).text()
    const bad = fetch(`${proxy.url}/a`)
    expect((await fetch(`${proxy.url}/b`)).status).toBe(200)
    expect((await bad).status).toBe(status)
    expect((await fetch(`${proxy.url}/c`)).status).toBe(200)
    expect(opened()).toBe(1)
  })

  it('T024 resets the connection of the client when a stream breaks within the body', async () => {
    const { proxy } = await start((stream) => {
      stream.respond({ ':status': 200, 'content-length': 10 })
      stream.write('short')
      setTimeout(() => stream.close(2), 50)
    })
    const answer = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(answer.status).toBe(200)
    expect(answer.ended).toBe('reset')
  })

  it('T024 resets the connection of the client when a stream without a length is cancelled', async () => {
    const { proxy } = await start((stream) => {
      stream.respond({ ':status': 200 })
      // node says the end of what it can still send, which is not said of this when it is destroyed
      stream.write('short', () => stream.session?.destroy(undefined, 8))
    })
    const answer = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(answer.status).toBe(200)
    expect(answer.ended).toBe('reset')
  })

  it('R14 answers 504 when the upstream takes no more streams', async () => {
    const events = { ':status': 200, 'content-type': 'text/event-stream' }
    const { proxy } = await start((stream) => stream.respond(events), {
      settings: { maxConcurrentStreams: 1 },
      timeouts: { connect: '1s', headers: '100ms' },
    })
    const stream = await fetch(proxy.url)
    expect((await fetch(proxy.url, { method: 'POST', body: 'x' })).status).toBe(504)
    await stream.body?.cancel()
  })

  it('R14 resets the connection of the client when a stream pauses within the body', async () => {
    const { proxy } = await start(
      (stream) => {
        stream.respond({ ':status': 200, 'content-length': 10 })
        stream.write('short')
      },
      { timeouts: { body: '100ms' } },
    )
    const answer = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect([answer.status, answer.ended]).toEqual([200, 'reset'])
    expect((await proxy.requestsOnce(1))[0]?.error?.code).toBe('upstream/timeout')
  })

  it('R12 begins a new connection when the old one has died without a word', async () => {
    const server = createSecureServer(certificate)
    server.on('stream', (stream: ServerHttp2Stream) =>
      stream.respond({ ':status': 204 }, { endStream: true }),
    )
    const port = await freePort(server)
    const sockets: Socket[] = []
    const between = createTcpServer((socket) => {
      const beyond = connect(port, '127.0.0.1')
      sockets.push(socket, beyond)
      for (const end of [socket, beyond]) end.on('error', () => {})
      socket.pipe(beyond).pipe(socket)
    })
    onTestFinished(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    const proxy = await forwardTo(
      {
        url: `https://localhost:${await listening(between)}`,
        http2: true,
        tls: { ca: 'ca.pem' },
        timeouts: { headers: '100ms' },
        breaker: 'off',
      },
      { 'ca.pem': certificate.cert },
    )
    expect((await fetch(proxy.url)).status).toBe(204)
    for (const socket of sockets) socket.unpipe().pause()
    const statuses: number[] = []
    for (let count = 0; count < 3; count += 1) statuses.push((await fetch(proxy.url)).status)
    expect(statuses).toEqual([504, 204, 204])
  })

  it('R12 begins a new connection when the old one has gone', async () => {
    const { proxy, opened, endSessions } = await start((stream) => {
      stream.respond({ ':status': 200 })
      stream.end('ok')
    })
    expect((await fetch(proxy.url)).status).toBe(200)
    endSessions()
    await wait(50)
    expect((await fetch(proxy.url)).status).toBe(200)
    expect(opened()).toBe(2)
  })
})
