import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type Replier, recordingUpstream } from '../support/recording-upstream.ts'

const POLICY = `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
`

async function start(upstream: string): Promise<TestProxy> {
  return await startProxy({
    policies: POLICY,
    gateway: `routes: [{ name: all, upstream: { url: "${upstream}", timeouts: { connect: 500ms, headers: 300ms, body: 300ms } } }]`,
    variables: { SECRET: hmacSecret() },
  })
}

const GET = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'

async function get(reply: Replier, request = GET) {
  const upstream = await recordingUpstream(reply)
  const proxy = await start(upstream.url)
  const answer = await rawRequest(proxy.port, request, {
    until: (text) => /"request_id":"[^"]+"\}$/.test(text),
    timeout: 3000,
  })
  const events = await proxy.requestsOnce(1)
  // whatever the upstream did, the next request is served
  const next = await rawRequest(proxy.port, 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n', {
    until: (text) => text.includes('\r\n\r\n'),
  })
  await upstream.close()
  return { answer, events, next, proxy, upstream }
}

/** Misbehaves at /a only. */
function faulty(bytes: string, then: 'close' | 'reset' | 'stay' = 'stay'): Replier {
  return ({ target }, socket) => {
    if (target !== '/a') return 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    if (bytes !== '') socket.write(bytes, 'latin1')
    if (then === 'close') socket.end()
    // after the bytes are out
    if (then === 'reset') setTimeout(() => socket.resetAndDestroy(), 50)
    return undefined
  }
}

describe('T024 answers 502 when the upstream', () => {
  it.each<[string, Replier]>([
    ['closes without an answer', faulty('', 'close')],
    ['resets without an answer', faulty('', 'reset')],
    ['closes within the head', faulty('HTTP/1.1 200 OK\r\ncontent-le', 'close')],
    ['answers garbage', faulty('garbage\r\n\r\n')],
    ['answers a status below 100', faulty('HTTP/1.1 099 X\r\ncontent-length: 0\r\n\r\n')],
    [
      'sends both framing fields',
      faulty('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
    ],
    [
      'sends two lengths',
      faulty('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc'),
    ],
    ['ends lines with bare LF', faulty('HTTP/1.1 200 OK\ncontent-length: 2\n\nok')],
    ['sends a field of 20 KB', faulty(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)],
    [
      'codes the transfer in another way besides',
      faulty('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    ],
    [
      'switches protocols unasked',
      faulty('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ],
  ])('%s', async (_case, reply) => {
    const { answer, events, next } = await get(reply)
    expect(answer.status, answer.text).toBe(502)
    expect(answer.text).toMatch(/application\/problem\+json/i)
    expect(JSON.parse(answer.text.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      code: 'upstream/protocol',
    })
    expect(events.map(({ error }) => error?.code)).toEqual(['upstream/protocol'])
    expect(next.status).toBe(200)
  })
})

describe('T024 resets the connection of the client when the upstream', () => {
  it.each<[string, Replier]>([
    [
      'ends before its length',
      faulty('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort', 'close'),
    ],
    [
      'resets before its length',
      faulty('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort', 'reset'),
    ],
    [
      'ends within a chunked body',
      faulty('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n', 'close'),
    ],
    [
      'sends a malformed chunk',
      faulty('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\nzz\r\n'),
    ],
    ['resets within a body without a length', faulty('HTTP/1.1 200 OK\r\n\r\nshort', 'reset')],
    [
      'resets within a body of HTTP/1.0 without a length',
      faulty('HTTP/1.0 200 OK\r\n\r\nshort', 'reset'),
    ],
    ['stalls within the body', faulty('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort')],
  ])('%s', async (_case, reply) => {
    const { answer, events, next } = await get(reply)
    expect(answer.ended).toBe('reset')
    expect(answer.text).not.toMatch(/problem\+json|0\r\n\r\n$/)
    expect(events).toHaveLength(1)
    expect(events[0]?.error?.code).toMatch(/^upstream\/(?:protocol|timeout)$/)
    expect(next.status).toBe(200)
  })
})

it('T024 resets the connection of a client of HTTP/1.0, for whom an end would be the end of the body', async () => {
  const { answer } = await get(
    faulty('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n', 'close'),
    'GET /a HTTP/1.0\r\nHost: a\r\n\r\n',
  )
  expect(answer.ended).toBe('reset')
})

it('T024 never takes bytes after an answer for the next answer', async () => {
  const { answer, next } = await get(
    faulty(
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil',
    ),
    'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  expect(answer.text).toMatch(/ok$/)
  expect(next.text).not.toContain('evil')
})

it('answers 502 for an upstream that refuses the connection, and names no address', async () => {
  const upstream = await recordingUpstream()
  await upstream.close()
  const proxy = await start(upstream.url)
  const answer = await rawRequest(proxy.port, GET, { until: (text) => text.endsWith('}') })
  expect(answer.status).toBe(502)
  expect(answer.text).toContain('"code":"upstream/unreachable"')
  expect(answer.text).not.toContain(String(upstream.port))
  expect((await proxy.requestsOnce(1))[0]?.error?.message).toContain('ECONNREFUSED')
})

it('answers 504 for an upstream that does not answer', async () => {
  const { answer, events } = await get(faulty(''))
  expect(answer.status).toBe(504)
  expect(events.map(({ error }) => error?.code)).toEqual(['upstream/timeout'])
})

describe('interim answers without end', () => {
  const drip: Replier = ({ target }, socket) => {
    if (target !== '/a') return 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    const early = () => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')
    const timer = setInterval(early, 50)
    socket.once('close', () => clearInterval(timer))
    return undefined
  }

  it('put the answer off no longer than the limit of the head', async () => {
    const { answer, events, next } = await get(drip)
    expect(answer.text.match(/HTTP\/1\.1 (?!103)\d+/g)).toEqual(['HTTP/1.1 504'])
    expect(events.map(({ error }) => error?.code)).toEqual(['upstream/timeout'])
    expect(next.status).toBe(200)
  })

  it('are no fault while the client still sends', async () => {
    const early = createServer((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early\r\n\r\n'), 50)
      let received = ''
      socket.on('error', () => {}).once('close', () => clearInterval(timer))
      socket.on('data', (bytes: Buffer) => {
        received += bytes.toString('latin1')
        if (!received.endsWith('abc')) return
        clearInterval(timer)
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      })
    })
    const proxy = await start(`http://127.0.0.1:${await listening(early)}`)
    const head = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n'
    const pieces = [head, 'a', 'b', 'c']
    const answer = await rawRequest(proxy.port, pieces, { pause: 200, until: ended })
    expect(answer.text.match(/HTTP\/1\.1 (?!103)\d+/g)).toEqual(['HTTP/1.1 200'])
  })

  function ended(text: string): boolean {
    return /ok$|\}$/.test(text)
  }
})

describe('while a body is uploaded', () => {
  /** Declares far more than fits into the buffers between. */
  const HEAD = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n'
  const PIECE = Buffer.alloc(1024 * 1024, 'x')

  async function upload(onConnect: 'destroy' | 'reset' | 'stall' | 'answer') {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      if (onConnect === 'stall') return
      socket.once('data', () => {
        if (onConnect === 'answer') {
          socket.end(
            'HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno',
          )
        } else if (onConnect === 'reset') socket.resetAndDestroy()
        else socket.destroy()
      })
    })
    const proxy = await start(`http://127.0.0.1:${await listening(server)}`)
    const answer = await rawRequest(proxy.port, [HEAD, ...Array(20).fill(PIECE)], {
      until: (text) => /\}$|no$/.test(text),
      pause: 10,
    })
    return { answer, events: await proxy.requestsOnce(1) }
  }

  it.each(['destroy', 'reset'] as const)(
    'answers 502 when the upstream does %s, and closes the connection',
    async (fault) => {
      const { answer, events } = await upload(fault)
      expect(answer.status, answer.text).toBe(502)
      expect(answer.text).toMatch(/\r\nconnection: close\r\n/i)
      expect(answer.text).toContain('"code":"upstream/protocol"')
      expect(events).toHaveLength(1)
    },
  )

  it('answers 504 when the upstream stops reading', async () => {
    const { answer, events } = await upload('stall')
    expect(answer.status, answer.text).toBe(504)
    expect(events.map(({ error }) => error?.code)).toEqual(['upstream/timeout'])
  })

  it('passes an answer on that comes before the upload has ended', async () => {
    const { answer, events } = await upload('answer')
    expect(answer.status, answer.text).toBe(413)
    expect(answer.text).toMatch(/no$/)
    expect(events.map(({ error }) => error?.code)).toEqual([undefined])
  })
})

it('serves the next request of a connection after an upload that the upstream cut short', async () => {
  const upstream = await recordingUpstream(({ target }) =>
    target === '/a' ? undefined : 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  )
  const early = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno'))
  })
  const port = await listening(early)
  const proxy = await startProxy({
    policies: POLICY,
    gateway: `routes: [{ name: early, match: { path: /early }, upstream: "http://127.0.0.1:${port}" }, { name: all, upstream: "${upstream.url}" }]`,
    variables: { SECRET: hmacSecret() },
  })
  const body = Buffer.alloc(3 * 1024 * 1024, 'x')
  const reply = await rawRequest(
    proxy.port,
    [
      `POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`,
      body,
      'GET /b HTTP/1.1\r\nHost: a\r\n\r\n',
    ],
    { pause: 50, until: (text) => text.endsWith('ok') },
  )
  await upstream.close()
  expect(reply.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 200'])
  expect(upstream.requests().map(({ target }) => target)).toEqual(['/b'])
})
