import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CountersignError } from '../../../src/errors.ts'
import { createPools, type Relay, relay } from '../../../src/forward/index.ts'
import { upgradeResponse } from '../../../src/hosts/standalone/upgrade-response.ts'
import { listening } from '../../support/listening.ts'
import { upstreamAt } from '../../support/upstream.ts'
import {
  acceptOf,
  WEBSOCKET_KEY,
  webSocketFields,
  webSocketRequest,
} from '../../support/web-socket.ts'

const SWITCHED = [
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade',
  `Sec-WebSocket-Accept: ${acceptOf(WEBSOCKET_KEY)}\r\nContent-Length: 9\r\n\r\n`,
].join('\r\n')
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Relays one request to an upstream that begins its answer with `begin`. */
async function start(request: string, begin: string, streams = 8, headers = 10_000) {
  const { promise: far, resolve: onFar } = Promise.withResolvers<Socket>()
  const upstream = createTcpServer({ allowHalfOpen: true }, (socket) => {
    onFar(socket.on('error', () => {}))
    socket.once('data', () => socket.write(begin))
  })
  const url = `http://127.0.0.1:${await listening(upstream)}`
  const at = upstreamAt(url, { pool: { connections: 8, queue: 8, streams } })
  const pool = createPools({ monotonic: () => performance.now(), observe: () => {} }).get(at)
  const { promise: relayed, resolve } = Promise.withResolvers<Relay>()
  const result = relayed.then(({ done }) =>
    done.then(
      () => 'ok',
      (error: CountersignError) => error.code,
    ),
  )
  const counted: boolean[] = []
  function serve(response: ServerResponse, isUpgrade: boolean): void {
    const running = relay(
      pool,
      {
        method: 'GET',
        path: '/',
        headers: ['host', 'up', ...webSocketFields({ connection: undefined, upgrade: undefined })],
        body: null,
        ...(isUpgrade && { upgrade: 'websocket' as const }),
      },
      response,
      {
        timeouts: { connect: 10_000, headers, body: 10_000 },
        rules: { credentials: [], inQuery: false, exposed: [] },
        onStream: (isCounted) => void counted.push(isCounted),
      },
    )
    running.done.catch(() => response.destroy())
    resolve(running)
  }
  const server = createServer((_message, response) => serve(response, false))
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('upgrade', (message, socket, behind) =>
    serve(upgradeResponse(message, socket as Socket, behind), true),
  )
  const client = connect({ port: await listening(server), host: '127.0.0.1', allowHalfOpen: true })
  client.setEncoding('latin1').on('error', () => {})
  client.write(request)
  onTestFinished(async () => {
    client.destroy()
    ;(await far).destroy()
  })
  const read = async () => String((await once(client, 'data'))[0])
  return {
    client,
    far: await far,
    running: await relayed,
    result,
    counted,
    usage: pool.usage,
    read,
  }
}

const head = (type: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n`

describe('an event stream', () => {
  it('ends when its client closes its side', async () => {
    const { client, result, far, counted, usage, read } = await start(
      GET,
      head('text/event-stream'),
    )
    expect(await read()).toMatch(/a\r\n$/)
    expect(counted).toEqual([true])
    expect(usage()).toMatchObject({ inUse: 0, streams: 1 })
    client.end()
    expect(await result).toBe('request/aborted')
    await once(far.resume(), 'end')
    expect(usage()).toMatchObject({ inUse: 0, streams: 0 })
  })

  it('is ended as if it had been said in full', async () => {
    const { running, result, far, usage, read } = await start(GET, head('text/event-stream'))
    await read()
    running.closeEventStream()
    running.closeEventStream()
    expect(await read()).toBe('0\r\n\r\n')
    expect(await result).toBe('ok')
    await once(far.resume(), 'end')
    expect(usage()).toMatchObject({ inUse: 0, streams: 0 })
  })

  it('is refused when there are too many streams', async () => {
    const { counted, result, usage } = await start(GET, head('text/event-stream'), 0)
    expect(await result).toBe('overload')
    expect(counted).toEqual([])
    expect(usage()).toMatchObject({ inUse: 0, streams: 0 })
  })
})

it('lets any other answer end in its own time, though its client has closed its side', async () => {
  const { client, running, result, far, read } = await start(GET, head('text/plain'))
  await read()
  client.end()
  running.closeEventStream()
  expect(running.closeWebSocket(1001)).toBe(false)
  far.write('1\r\nb\r\n0\r\n\r\n')
  expect(await read()).toMatch(/^1\r\nb\r\n/)
  expect(await result).toBe('ok')
})

it('counts an answer as a stream that lasts for five seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { counted, far, read, result, usage } = await start(GET, head('text/plain'))
  await read()
  await new Promise((resolve) => setImmediate(resolve))
  vi.advanceTimersByTime(4999)
  expect(counted).toEqual([])
  vi.advanceTimersByTime(1)
  expect(counted).toEqual([true])
  expect(usage()).toMatchObject({ inUse: 0, streams: 1 })
  far.write('0\r\n\r\n')
  expect(await result).toBe('ok')
  expect(usage()).toMatchObject({ inUse: 0, streams: 0 })
})

it.each(['text/plain', 'text/event-stream'])(
  'counts an answer of %s that has ended no more',
  async (type) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { counted, far, read, result } = await start(GET, head(type))
    await read()
    far.write('0\r\n\r\n')
    expect(await result).toBe('ok')
    const { length } = counted
    vi.advanceTimersByTime(10_000)
    expect(counted).toHaveLength(length)
  },
)

describe('a WebSocket', () => {
  it('R14 is not opened by an upstream that does not answer in time', async () => {
    const { result, far, usage } = await start(webSocketRequest(), '', 8, 50)
    expect(await result).toBe('upstream/timeout')
    await once(far.resume(), 'end')
    expect(usage()).toMatchObject({ inUse: 0, streams: 0 })
  })

  it('lasts until both sides have ended', async () => {
    const { client, far, result, counted, usage, read } = await start(webSocketRequest(), SWITCHED)
    expect(await read()).toMatch(/^HTTP\/1\.1 101 (?!.*content-length).*\r\n\r\n$/is)
    expect(counted).toEqual([true])
    far.end('last words')
    expect(await read()).toBe('last words')
    expect(usage()).toMatchObject({ inUse: 0, streams: 1 })
    client.end()
    expect(await result).toBe('ok')
    expect(usage()).toMatchObject({ inUse: 0, streams: 0 })
  })

  it('is closed with a code', async () => {
    const { client, running, far, result, read } = await start(webSocketRequest(), SWITCHED)
    await read()
    expect(running.closeWebSocket(1001)).toBe(true)
    expect(await read()).toBe('\x88\x02\x03\xe9')
    far.end()
    client.end()
    expect(await result).toBe('ok')
  })

  it('ends with its exchange', async () => {
    const { client, running, far, result, read } = await start(webSocketRequest(), SWITCHED)
    await read()
    running.abort(new CountersignError('request/aborted', 'expected nothing'))
    await Promise.all([once(client.resume(), 'end'), once(far.resume(), 'end')])
    expect(await result).toBe('request/aborted')
  })

  it.each([
    ['overload', SWITCHED, 0],
    ['upstream/protocol', SWITCHED.replace(/Accept: .*/, 'Accept: x'), 8],
    ['upstream/protocol', 'HTTP/1.1 101 X\r\n\r\n', 8],
    ['upstream/protocol', 'HTTP/1.1 200 OK\r\nupgrade: websocket\r\n\r\n', 8],
  ])('is refused with %s for %j and room for %i streams', async (code, begin, streams) => {
    const { far, result, usage } = await start(webSocketRequest(), begin, streams)
    expect(await result).toBe(code)
    await once(far.resume(), 'end')
    expect(usage()).toMatchObject({ inUse: 0, streams: 0 })
  })
})
