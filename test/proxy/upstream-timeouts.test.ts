import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { forwardTo } from '../support/forwarding.ts'
import { listening } from '../support/listening.ts'
import { rawRequest } from '../support/raw-client.ts'

/** A TCP server that does this with each connection. */
async function silent(onConnection: (socket: Socket) => void = () => {}): Promise<number> {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    onConnection(socket)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return listening(server)
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('timeouts.connect', () => {
  it('T123 ends with 504 where nobody answers the first packet', async () => {
    // no host has an address of TEST-NET-1 (RFC 5737)
    const proxy = await forwardTo({ url: 'http://192.0.2.1', timeouts: { connect: '300ms' } })
    const answer = await fetch(proxy.url)
    // where even the way there is unknown, that is known at once
    expect([502, 504]).toContain(answer.status)
  })

  it('R14 ends with 504 where a TLS handshake stalls', async () => {
    const proxy = await forwardTo({
      url: `https://127.0.0.1:${await silent()}`,
      timeouts: { connect: '200ms' },
    })
    const answer = await fetch(proxy.url)
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ code: 'upstream/timeout' })
    expect(proxy.requests()[0]?.error?.message).toContain('UND_ERR_CONNECT_TIMEOUT')
  })
})

describe('timeouts.request', () => {
  const short = { timeouts: { request: '250ms' }, breaker: 'off' }

  it('R14 ends with 504 before the head of the answer', async () => {
    const url = `http://127.0.0.1:${await silent()}`
    const proxy = await forwardTo({ url, ...short })
    const answer = await fetch(proxy.url)
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ code: 'upstream/timeout' })
  })

  it('R14 resets the connection of the client after the head, however steadily bytes arrive', async () => {
    const port = await silent((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
        const timer = setInterval(() => socket.write('x'), 20)
        socket.once('close', () => clearInterval(timer))
      })
    })
    const proxy = await forwardTo({ url: `http://127.0.0.1:${port}`, ...short })
    const answer = await rawRequest(proxy.port, GET)
    expect(answer.status).toBe(200)
    expect(answer.ended).toBe('reset')
    expect((await proxy.requestsOnce(1))[0]?.error?.code).toBe('upstream/timeout')
  })

  it('counts the time that a request waits for a connection', async () => {
    const url = `http://127.0.0.1:${await silent()}`
    const proxy = await forwardTo({ url, ...short, pool: { connections: 1 } })
    const both = [fetch(proxy.url), fetch(proxy.url)]
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([504, 504])
  })

  it('is no failure of the upstream when the client reads or sends slowly', async () => {
    const server = createServer((message, response) => {
      message.resume().once('end', () => response.end('ok'))
    })
    const url = `http://127.0.0.1:${await listening(server)}`
    const proxy = await forwardTo({ url, timeouts: { request: '250ms' }, breaker: { failures: 1 } })
    const slow = await rawRequest(
      proxy.port,
      ['POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 10\r\n\r\n', 'a'],
      { until: (text) => text.endsWith('}') },
    )
    expect(slow.status).toBe(504)
    expect((await fetch(proxy.url)).status).toBe(200)
  })

  it('leaves an exchange that ends in time alone', async () => {
    const server = createServer((_message, response) => response.end('ok'))
    const proxy = await forwardTo({ url: `http://127.0.0.1:${await listening(server)}`, ...short })
    expect((await fetch(proxy.url)).status).toBe(200)
    await wait(300)
    expect(proxy.requests().map(({ error }) => error)).toEqual([undefined])
  })
})

it('R14 ends every exchange with every kind of broken upstream, and holds nothing of it', async () => {
  const faults: ((socket: Socket) => void)[] = [
    () => {},
    (socket) => socket.destroy(),
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.end(),
    (socket) => socket.end('garbage\r\n\r\n'),
    (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort'),
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort'),
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      setTimeout(() => socket.resetAndDestroy(), 20)
    },
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
    (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'),
  ]
  let turn = 0
  const port = await silent((socket) => {
    socket.once('data', () => faults[turn++ % faults.length]?.(socket))
  })
  const proxy = await forwardTo({
    url: `http://127.0.0.1:${port}`,
    timeouts: { headers: '200ms', body: '200ms', request: '1s' },
    pool: { connections: 4, queue: 100 },
    breaker: 'off',
  })
  const answers = await Promise.all(
    Array.from({ length: 60 }, () =>
      rawRequest(proxy.port, `${GET.trimEnd()}\r\nConnection: close\r\n\r\n`),
    ),
  )
  expect(answers.filter(({ ended }) => ended === 'timeout')).toEqual([])
  const known = [200, 204, 502, 504]
  expect(answers.filter(({ status }) => !known.includes(status))).toEqual([])
  await proxy.requestsOnce(60)
  expect(proxy.workload().upstreams).toMatchObject([{ inUse: 0, streams: 0, waiting: 0 }])
})

it('an answer begins although the client still sends, and the rest is not waited for', async () => {
  const answered: ServerResponse[] = []
  const server = createServer((_message, response) => {
    answered.push(response)
    response.writeHead(403, { connection: 'close' }).end('no')
  })
  const proxy = await forwardTo({ url: `http://127.0.0.1:${await listening(server)}` })
  const answer = await rawRequest(
    proxy.port,
    'POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 10\r\n\r\na',
    { until: (text) => text.includes('no') },
  )
  expect(answer.status).toBe(403)
  expect(answered).toHaveLength(1)
})
