import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Upstream } from '../../../src/compiled.ts'
import { CountersignError } from '../../../src/errors.ts'
import { createPools, type OutgoingRequest, type Relay, relay } from '../../../src/forward/index.ts'
import { listening } from '../../support/listening.ts'
import { rawRequest } from '../../support/raw-client.ts'
import { upstreamAt } from '../../support/upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const GET: OutgoingRequest = { method: 'GET', path: '/a?b', headers: ['host', 'up'], body: null }
const RULES = { credentials: [], inQuery: false, exposed: [] }

interface Setting {
  readonly request?: OutgoingRequest
  readonly change?: Partial<Upstream>
  readonly requestTimeout?: number
  /** The client has gone before. */
  readonly isGone?: boolean
  /** What a connection to the upstream fails with. */
  readonly connectError?: string
  readonly onRelay?: (running: Relay) => void
  readonly onBreaker?: (state: string) => void
}

/** A server that relays every request, and an upstream that does this at the given turn of a connection. */
async function started(
  reply: (socket: Socket, turn: number, head: string) => void,
  { request = GET, change = {}, requestTimeout, isGone, connectError, ...hear }: Setting = {},
) {
  const heads: string[] = []
  const sockets: Socket[] = []
  const upstream = createTcpServer((socket) => {
    let turn = 0
    sockets.push(socket.on('error', () => {}))
    socket.on('data', (bytes: Buffer) => {
      heads.push(bytes.toString('latin1'))
      turn += 1
      reply(socket, turn, heads.at(-1) ?? '')
    })
  })
  const at = upstreamAt(`http://localhost:${await listening(upstream)}`, change)
  const pools = createPools({
    monotonic: () => performance.now(),
    observe: (event) => event.type === 'breaker' && hear.onBreaker?.(event.state),
    lookup: (_name, _options, done) => {
      const error = connectError && Object.assign(new Error('x'), { code: connectError })
      done(error || null, [{ address: '127.0.0.1', family: 4 }])
    },
  })
  const pool = pools.get(at)
  const results: unknown[] = []
  let streams = 0
  const server = createServer((_message, response) => {
    if (isGone) response.destroy()
    const running = relay(pool, request, response, {
      timeouts: { ...at.timeouts, request: requestTimeout },
      rules: RULES,
      onStream: () => {
        streams += 1
      },
    })
    hear.onRelay?.(running)
    running.done.then(
      () => results.push('ok'),
      (error: CountersignError) => {
        results.push(error.code)
        response.destroy()
      },
    )
  })
  const port = await listening(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return {
    heads,
    results,
    sockets,
    streams: () => streams,
    usage: pool.usage,
    port,
    send: (until = /ok$/) =>
      rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', { until: (text) => until.test(text) }),
    async resultOnce(count = 1) {
      while (results.length < count) await wait(5)
      return results
    },
  }
}

const FREE = { inUse: 0, streams: 0, waiting: 0 }

describe('relay', () => {
  it('sends the request, hands the answer on and gives the connection back', async () => {
    const { send, heads, results, usage } = await started((socket) => socket.write(OK))
    expect((await send()).text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-length: 2\r\n/)
    expect((await send()).status).toBe(200)
    expect(heads[0]).toMatch(/^GET \/a\?b HTTP\/1\.1\r\nhost: up\r\n/)
    expect(results).toEqual(['ok', 'ok'])
    expect(usage()).toMatchObject(FREE)
  })

  it('R12 sends it once more when a connection that had served closes, and not twice more', async () => {
    const { send, heads, resultOnce } = await started((socket, turn, head) => {
      const isThird = heads.length >= 3
      if (turn === 1 && !isThird) socket.write(OK)
      else socket.destroy(head === '' ? new Error('no request') : undefined)
    })
    await send()
    await send()
    expect(heads).toHaveLength(3)
    expect(await resultOnce(2)).toEqual(['ok', 'upstream/protocol'])
  })

  it.each([
    ['before it has a connection', [true]],
    ['while the connection opens', [false, true]],
  ])('never sends what expired %s', async (_when, answers) => {
    const isExpired = () => answers.shift() ?? false
    const request = { ...GET, isExpired }
    const { send, heads, resultOnce, usage } = await started((socket) => socket.write(OK), {
      request,
    })
    await send()
    expect(await resultOnce()).toEqual(['overload'])
    expect(heads).toEqual([])
    expect(usage()).toMatchObject(FREE)
    expect((await send()).status).toBe(200)
  })

  it('ends with what it was aborted with, and destroys the connection to the upstream', async () => {
    const reason = new CountersignError('request/timeout', 'too slow')
    let running: Relay | undefined
    const { send, sockets, resultOnce, usage } = await started(
      () => {
        running?.abort(reason)
        running?.abort(new CountersignError('internal', 'too late'))
      },
      {
        onRelay: (one) => {
          running = one
        },
      },
    )
    expect((await send()).ended).not.toBe('until')
    expect(await resultOnce()).toEqual(['request/timeout'])
    while (!sockets[0]?.destroyed) await wait(5)
    expect(usage()).toMatchObject(FREE)
  })

  it('sends nothing for a client that has gone already', async () => {
    const { heads, resultOnce, send, usage } = await started((socket) => socket.write(OK), {
      isGone: true,
    })
    await send()
    expect(await resultOnce()).toEqual(['request/aborted'])
    await wait(20)
    expect(heads).toEqual([])
    expect(usage()).toMatchObject(FREE)
  })

  it('counts an event stream as a stream at once', async () => {
    const { send, streams, usage, sockets } = await started((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n'),
    )
    const answer = send(/\r\n0\r\n\r\n$/)
    while (streams() === 0) await wait(5)
    expect(usage()).toMatchObject({ inUse: 0, streams: 1 })
    sockets[0]?.end()
    expect((await answer).text).toContain('data: 1')
    expect(usage()).toMatchObject(FREE)
  })

  it('ends an exchange that takes too long, and no other', async () => {
    const { send, resultOnce, usage } = await started(
      (socket, turn) => {
        if (turn === 1) socket.write(OK)
      },
      { requestTimeout: 150 },
    )
    await send()
    await wait(200)
    const late = await send()
    expect(late.ended).not.toBe('until')
    expect(await resultOnce(2)).toEqual(['ok', 'upstream/timeout'])
    expect(usage()).toMatchObject(FREE)
  })

  it('does not let interim answers put the answer off', async () => {
    const timeouts = { connect: 1000, headers: 150, body: 1000, idle: 1000 }
    const { send, resultOnce } = await started(
      (socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20)
        socket.once('close', () => clearInterval(timer))
      },
      { change: { timeouts } },
    )
    await send()
    expect(await resultOnce()).toEqual(['upstream/timeout'])
  })

  it('sends the head of an answer before there is a body, and waits for that', async () => {
    const timeouts = { connect: 1000, headers: 1000, body: 150, idle: 1000 }
    const { send, resultOnce, usage } = await started(
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n'),
      { change: { timeouts } },
    )
    expect((await send(/\r\n\r\n$/)).text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(await resultOnce()).toEqual(['request/aborted'])
    expect((await send(/never/)).text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(await resultOnce(2)).toEqual(['request/aborted', 'upstream/timeout'])
    expect(usage()).toMatchObject(FREE)
  })

  it('sends nothing when it is aborted before there is a connection', async () => {
    const { send, heads, resultOnce, usage } = await started((socket) => socket.write(OK), {
      onRelay: (running) => running.abort(new CountersignError('request/timeout', 'x')),
    })
    await send()
    expect(await resultOnce()).toEqual(['request/timeout'])
    await wait(50)
    expect(heads).toEqual([])
    expect(usage()).toMatchObject(FREE)
  })

  it('fails at once when no address gets requests', async () => {
    const { send, heads, resultOnce } = await started((socket) => socket.end('no HTTP'), {
      change: { breaker: { failures: 1, openFor: 1000 } },
    })
    await send()
    await send()
    expect(await resultOnce(2)).toEqual(['upstream/protocol', 'upstream/open-circuit'])
    expect(heads).toHaveLength(1)
  })

  it('refuses what cannot even wait', async () => {
    const { send, resultOnce } = await started(() => {}, {
      change: { pool: { connections: 1, streams: 0, queue: 0 } },
      requestTimeout: 200,
    })
    await Promise.all([send(), send()])
    expect((await resultOnce(2)).toSorted()).toEqual(['overload', 'upstream/timeout'])
  })

  it('gives up the place in the line of a client that goes away', async () => {
    const { send, sockets, resultOnce, usage, port } = await started(() => {}, {
      change: { pool: { connections: 1, streams: 0, queue: 1 } },
    })
    const first = send()
    while (usage().inUse === 0) await wait(5)
    const second = connect(port, '127.0.0.1').on('error', () => {})
    second.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    while (usage().waiting === 0) await wait(5)
    second.destroy()
    expect(await resultOnce()).toEqual(['request/aborted'])
    expect(usage()).toMatchObject({ inUse: 1, waiting: 0 })
    sockets[0]?.write(OK)
    expect((await first).status).toBe(200)
  })

  it('sends a body as it comes, and waits for the head once all of it was sent', async () => {
    const timeouts = { connect: 1000, headers: 150, body: 1000, idle: 1000 }
    const body = Object.assign(new Readable({ read() {} }), { taken: () => undefined })
    const { send, heads, resultOnce } = await started(() => {}, {
      change: { timeouts },
      request: { ...GET, method: 'PUT', headers: ['host', 'up', 'content-length', '4'], body },
    })
    const answer = send()
    body.push('ab')
    while (!heads.join('').endsWith('ab')) await wait(5)
    await wait(300)
    body.push('cd')
    body.push(null)
    await answer
    expect(heads.join('')).toMatch(/\r\n\r\nabcd$/)
    expect(await resultOnce()).toEqual(['upstream/timeout'])
  })

  it('destroys a body that it cannot send', async () => {
    const body = Object.assign(new Readable({ read() {} }), { taken: () => undefined })
    const { send, resultOnce } = await started(() => {}, {
      change: { pool: { connections: 0, streams: 0, queue: 0 } },
      request: { ...GET, method: 'PUT', body },
    })
    await send()
    expect(await resultOnce()).toEqual(['overload'])
    expect(body.destroyed).toBe(true)
  })

  it('does not send a request with a body once more', async () => {
    const { send, heads, resultOnce } = await started(
      (socket, turn) => {
        if (turn === 1) socket.write(OK)
        else socket.destroy()
      },
      { request: { ...GET, method: 'PUT', body: Buffer.from('ab') } },
    )
    await send()
    await send()
    expect(heads).toHaveLength(2)
    expect(await resultOnce(2)).toEqual(['ok', 'upstream/protocol'])
  })

  it('hands on the links of a 103, and no other interim answer', async () => {
    const interim = (status: number) => `HTTP/1.1 ${status} X\r\nlink: </${status}>\r\n\r\n`
    const { send } = await started((socket) => socket.write(interim(102) + interim(103) + OK))
    const { text } = await send()
    expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/103>\r\n\r\nHTTP\/1\.1 200 OK/)
  })

  it('lets the upstream wait while the client does not read, and loses nothing', async () => {
    const size = 32 * 1024 * 1024
    const { port, sockets, resultOnce } = await started((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
      socket.write(Buffer.alloc(size, 'x'))
    })
    const client = connect(port, '127.0.0.1').on('error', () => {})
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    for (let last = -1; last !== sockets[0]?.writableLength; ) {
      last = sockets[0]?.writableLength ?? -1
      await wait(100)
    }
    expect(sockets[0]?.writableLength).toBeGreaterThan(0)
    let read = 0
    for await (const chunk of client) read += chunk.length
    expect(read).toBeGreaterThan(size)
    expect(await resultOnce()).toEqual(['ok'])
  })

  it.each([
    ['upstream/protocol', 'no HTTP', {}, 'open'],
    ['internal', '', { request: { ...GET, headers: ['host', 'a\nb'] } }, undefined],
    ['request/aborted', '', { isGone: true }, undefined],
    ['overload', '', { connectError: 'EMFILE' }, undefined],
  ])('R15 takes %s for a failure of the address or not', async (code, reply, setting, state) => {
    const states: string[] = []
    const { send, resultOnce } = await started((socket) => socket.end(reply), {
      ...setting,
      change: { breaker: { failures: 1, openFor: 1000 } },
      onBreaker: (changed) => void states.push(changed),
    })
    await send()
    expect(await resultOnce()).toEqual([code])
    expect(states[0]).toBe(state)
  })
})
