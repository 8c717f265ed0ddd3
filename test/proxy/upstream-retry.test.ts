import { createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { forwardTo } from '../support/forwarding.ts'
import { listening } from '../support/listening.ts'
import type { TestProxyOptions } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** What an upstream does with the second request of a connection. */
type Second = (socket: Socket, head: string) => void

/** Answers the first request of each connection. */
async function start(second: Second, first = OK, more: Partial<TestProxyOptions> = {}) {
  const heads: string[] = []
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    let turn = 0
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      const head = bytes.toString('latin1')
      if (!/^[A-Z]+ \//.test(head)) return
      turn += 1
      heads.push(head)
      if (turn === 1) socket.write(first)
      else second(socket, head)
    })
  })
  const proxy = await forwardTo(`http://127.0.0.1:${await listening(server)}`, {}, more)
  const send = (head: string) =>
    rawRequest(proxy.port, `${head}\r\n`, { until: (text) => /ok$|\}$|\r\n\r\n$/.test(text) })
  const warm = await send('GET /first HTTP/1.1\r\nHost: a\r\n')
  expect(warm.status).toBe(200)
  const retries = () => proxy.events.filter(({ type }) => type === 'retry').length
  return { proxy, send, heads, connections: () => connections, retries }
}

const CLOSES: [string, Second][] = [
  ['closes', (socket) => socket.end()],
  ['resets', (socket) => socket.resetAndDestroy()],
]

it.each(CLOSES)(
  'R12 R13 sends GET once more when the upstream %s a connection that had served',
  async (_how, second) => {
    const { send, heads, connections, retries } = await start(second)
    const answer = await send('GET /again HTTP/1.1\r\nHost: a\r\n')
    expect(answer.status).toBe(200)
    expect(heads.filter((head) => head.startsWith('GET /again'))).toHaveLength(2)
    expect(heads[1]).toBe(heads[2])
    expect(connections()).toBe(2)
    expect(retries()).toBe(1)
  },
)

it.each(['PUT', 'DELETE', 'OPTIONS'])('R12 sends %s without a body once more', async (method) => {
  const { send, retries } = await start((socket) => socket.end())
  const answer = await send(`${method} /again HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n`)
  expect(answer.status).toBe(200)
  expect(retries()).toBe(1)
})

it.each([
  ['a request that is not idempotent', 'POST /again HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n'],
  ['a request with a body', 'PUT /again HTTP/1.1\r\nHost: a\r\ncontent-length: 2\r\n\r\nab'],
])('R12 never sends %s a second time', async (_case, head) => {
  const { send, heads, retries } = await start((socket) => socket.end())
  const answer = await send(head)
  expect(answer.status).toBe(502)
  expect(answer.text).toContain('upstream/protocol')
  expect(heads.filter((text) => text.includes('/again'))).toHaveLength(1)
  expect(retries()).toBe(0)
})

it('R12 never sends a token that is for a single use a second time', async () => {
  const policies = `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, singleUse: true }
`
  const { send, heads, retries } = await start((socket) => socket.end(), OK, { policies })
  const answer = await send('GET /again HTTP/1.1\r\nHost: a\r\n')
  expect(answer.status).toBe(502)
  expect(heads.filter((text) => text.includes('/again'))).toHaveLength(1)
  expect(retries()).toBe(0)
})

it.each<[string, Second]>([
  ['within the status line', (socket) => socket.end('HTTP/1.')],
  ['within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nx: ')],
  ['after hints', (socket) => socket.end('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')],
  ['after 100', (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n')],
  ['with what is no HTTP', (socket) => socket.end('garbage\r\n\r\n')],
])('R12 never sends a second time what the upstream began to answer: %s', async (_case, second) => {
  const { send, heads, retries } = await start(second)
  const answer = await send('GET /again HTTP/1.1\r\nHost: a\r\n')
  expect(answer.text).not.toContain('200 OK')
  expect(heads.filter((text) => text.includes('/again'))).toHaveLength(1)
  expect(retries()).toBe(0)
})

it('R12 sends a request no third time', async () => {
  const { proxy, send, heads } = await start((socket) => socket.end())
  const parallel = ['/b', '/c'].map((path) => send(`GET ${path} HTTP/1.1\r\nHost: a\r\n`))
  await Promise.all(parallel)
  const before = heads.length
  expect(before).toBeGreaterThan(2)
  await proxy.requestsOnce(3)
  for (const { error } of proxy.requests()) expect(error).toBeUndefined()
})

it('R12 does not repeat on a connection that is new', async () => {
  const heads: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      heads.push(bytes.toString('latin1'))
      socket.end()
    })
  })
  const proxy = await forwardTo(`http://127.0.0.1:${await listening(server)}`)
  expect((await fetch(proxy.url)).status).toBe(502)
  expect(heads).toHaveLength(1)
})

it('does not wait on a connection that the upstream announces to close', async () => {
  const { send, connections, retries } = await start(
    (socket) => socket.end(),
    'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok',
  )
  expect((await send('POST /again HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n')).status).toBe(200)
  expect(connections()).toBe(2)
  expect(retries()).toBe(0)
})
