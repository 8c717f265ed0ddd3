import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { listening } from '../support/listening.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'

const SIZE = 16 * 1024 * 1024
const POST = 'POST /a HTTP/1.1\r\nHost: a\r\n'
/** A client that stands still is seen at the next look, which is one a second. */
const PATIENT = { timeout: 10_000 }

/** An upstream that gives much at `GET`, and reads a body when told to. */
async function start(timeouts: string) {
  const told = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const server = createServer(async (message, response) => {
    response.once('close', closed.resolve)
    if (message.method === 'GET') {
      response.end(Buffer.alloc(SIZE))
      return
    }
    await told.promise
    let bytes = 0
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    message.on('end', () => response.end(`${bytes} bytes`)).on('error', () => {})
  })
  const port = await listening(server)
  const proxy = await startProxy({
    policies: '',
    gateway: `
routes: [{ name: all, unmatched: forward, upstream: "http://127.0.0.1:${port}" }]
timeouts: { ${timeouts} }
`,
  })
  return { proxy, read: told.resolve, upstreamClosed: closed.promise }
}

async function client(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

it('T118 answers 408 to a client whose head does not arrive in time', async () => {
  const { proxy } = await start('headers: 500ms')
  const pieces = [...'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaa']
  const reply = await rawRequest(proxy.port, pieces, { pause: 50 })
  expect(reply.status).toBe(408)
  expect((await proxy.requestsOnce(1)).map(({ error }) => error?.code)).toEqual(['request/timeout'])
})

it('T119 answers 408 to a client that sends nothing more of its body', async () => {
  const { proxy, read, upstreamClosed } = await start('body: 500ms')
  read()
  const reply = await rawRequest(proxy.port, `${POST}Content-Length: 10\r\n\r\n12345`)
  expect(reply.status).toBe(408)
  await upstreamClosed
  const events = await proxy.requestsOnce(1)
  expect(events.map(({ error }) => error?.code)).toEqual(['request/timeout'])
})

it('T119 answers 408 to a body that goes on for longer than a request may', async () => {
  const { proxy, read } = await start('body: 5s, request: 1s')
  read()
  const pieces = [`${POST}Content-Length: 100\r\n\r\n`, ...'x'.repeat(60)]
  expect((await rawRequest(proxy.port, pieces, { pause: 50 })).status).toBe(408)
})

it('takes a slow body that does not stop', async () => {
  const { proxy, read } = await start('body: 2s')
  read()
  const pieces = [`${POST}Content-Length: 10\r\n\r\n`, ...'x'.repeat(10)]
  const options = { pause: 300, until: (text: string) => /bytes$/.test(text) }
  const reply = await rawRequest(proxy.port, pieces, options)
  expect(reply.text).toMatch(/10 bytes$/)
})

it('does not blame a client whose body the upstream does not read', async () => {
  const { proxy, read } = await start('body: 100ms')
  const socket = await client(
    proxy.port,
    `${POST}Content-Length: ${SIZE}\r\nConnection: close\r\n\r\n`,
  )
  socket.end(Buffer.alloc(SIZE))
  // past the limit, and past a look at it
  await wait(1500)
  read()
  const [answer] = await once(socket.setEncoding('latin1'), 'data')
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
})

it('T119 cuts a client that reads nothing of its answer, and lets the upstream go', async () => {
  const { proxy, upstreamClosed } = await start('write: 200ms')
  const socket = await client(proxy.port, 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  socket.pause()
  await expect.poll(() => codes(proxy), PATIENT).toEqual(['request/aborted'])
  await upstreamClosed
  expect(await proxy.metrics()).toMatch(/^countersign_client_aborts_total{policy=""} 1$/m)
  expect(await proxy.metrics()).toMatch(/^countersign_requests_in_flight 0$/m)
})

it('T119 cuts a client that reads nothing although it goes on sending', async () => {
  const { proxy, upstreamClosed } = await start('write: 200ms')
  const socket = await client(proxy.port, 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  socket.pause()
  const timer = setInterval(() => socket.write('G'), 100)
  onTestFinished(() => clearInterval(timer))
  await expect.poll(() => codes(proxy), PATIENT).toEqual(['request/aborted'])
  await upstreamClosed
  expect(await proxy.metrics()).toMatch(/^countersign_requests_in_flight 0$/m)
})

it('T042 serves a client that reads slowly to the end', async () => {
  const { proxy } = await start('write: 1s')
  const socket = await client(proxy.port, 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    // 4 MB a second
    socket.pause()
    setTimeout(() => socket.resume(), chunk.length / 4000)
  })
  await once(socket, 'close')
  expect(bytes).toBeGreaterThan(SIZE)
})

const codes = (proxy: TestProxy) => proxy.requests().map(({ error }) => error?.code)
