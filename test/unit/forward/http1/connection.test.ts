import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createConnector, upstreamLookup } from '../../../../src/forward/connector.ts'
import type { ExchangeControl } from '../../../../src/forward/exchange-handler.ts'
import { createHttp1Connection } from '../../../../src/forward/http1/connection.ts'
import type { RequestBody } from '../../../../src/forward/request-body.ts'
import { exchange } from '../../../support/exchange.ts'
import { listening } from '../../../support/listening.ts'
import { upstreamAt } from '../../../support/upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** A connection to a server that does this with each piece that it gets. */
async function connected(serve: (socket: Socket, text: string) => unknown) {
  const far: Socket[] = []
  const received: string[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = far.push(socket.on('error', () => {})) - 1
    received[index] = ''
    socket.on('data', (bytes: Buffer) => {
      received[index] += bytes.toString('latin1')
      serve(socket, bytes.toString('latin1'))
    })
  })
  const port = await listening(server)
  const upstream = upstreamAt(`http://127.0.0.1:${port}`)
  const connect = createConnector(upstream, upstreamLookup())
  /** Our side of each connection. */
  const near: Socket[] = []
  const events: string[] = []
  /** What is done before our side reads. */
  const reading = { before: () => {} }
  const connection = createHttp1Connection(
    upstream,
    { host: '127.0.0.1', port },
    (address, callback, read) =>
      connect(
        address,
        (error, socket) => {
          if (socket) near.push(socket)
          callback(error, socket)
        },
        (socket, bytes) => {
          reading.before()
          return read?.(socket, bytes) ?? true
        },
      ),
    { onOpen: () => events.push('open'), onClose: () => events.push('close') },
  )
  onTestFinished(() => {
    connection.destroy()
    for (const socket of far) socket.destroy()
  })
  return { connection, far, near, received, events, reading }
}

/** A stream as the body of a request. */
const streamed = (stream: Readable): RequestBody =>
  Object.assign(stream, { taken: () => undefined })

const post = (body: RequestBody | Buffer, length?: number) => ({
  method: 'POST',
  headers: ['host', 'a', ...(length === undefined ? [] : ['content-length', String(length)])],
  body,
})

describe('an answer', () => {
  it.each([
    ['says that it is the last', OK.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')],
    ['has bytes behind it', `${OK}HTTP/1.1 200 OK\r\n`],
    [
      'ends with the connection, as the upstream will not keep it',
      OK.replace('\r\n\r\n', '\r\nkeep-alive: timeout=1\r\n\r\n'),
    ],
  ])('that %s is complete, and its connection closed before it is told', async (_case, reply) => {
    const { connection, events, near } = await connected((socket) => socket.write(reply))
    let wasOpen = true
    const onEnd = () => {
      wasOpen = connection.isOpen()
    }
    const { content, error } = await exchange(connection, {}, { onEnd })
    expect([String(content), error, wasOpen]).toEqual(['ok', undefined, false])
    expect([events, near[0]?.destroyed]).toEqual([['open', 'close'], true])
  })

  it.each(['HEAD', 'DELETE'])(
    'to %s is the last where the upstream may take it otherwise',
    async (method) => {
      const { connection } = await connected((socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
      )
      const body = method === 'DELETE' ? Buffer.from('x') : null
      expect((await exchange(connection, { method, body })).error).toBeUndefined()
      expect(connection.isOpen()).toBe(false)
    },
  )

  it('ends with its connection when it has no length', async () => {
    const { connection } = await connected((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall'))
    const { content, error } = await exchange(connection)
    expect([String(content), error, connection.isOpen()]).toEqual(['all', undefined, false])
  })

  it.each<[string, (socket: Socket) => void, string]>([
    ['ends', (socket) => socket.end(), 'UPSTREAM_CLOSED'],
    ['is reset', (socket) => socket.resetAndDestroy(), 'UPSTREAM_RESET'],
  ])('fails when its connection %s before', async (_how, end, code) => {
    const { connection } = await connected((socket) => {
      socket.write(`${OK.slice(0, -1)}`, () => setImmediate(end, socket))
    })
    const { error } = await exchange(connection)
    expect([error, connection.isOpen()]).toEqual([expect.objectContaining({ code }), false])
  })

  it('without a length fails when its connection is reset', async () => {
    const { connection } = await connected((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nso', () =>
        setTimeout(() => socket.resetAndDestroy(), 20),
      )
    })
    const { content, error } = await exchange(connection)
    expect([String(content), error]).toEqual([
      'so',
      expect.objectContaining({ code: 'UPSTREAM_RESET' }),
    ])
  })

  it('fails with what its handler throws', async () => {
    const { connection } = await connected((socket) => socket.write(OK))
    const thrown = new Error('no such head')
    const { error } = await exchange(
      connection,
      {},
      {
        onHead() {
          throw thrown
        },
      },
    )
    expect([error, connection.isOpen()]).toEqual([thrown, false])
  })

  it('cannot be had where there is no way to open a connection', async () => {
    const thrown = new Error('no such key')
    const connect = () => {
      throw thrown
    }
    const address = { host: '127.0.0.1', port: 1 }
    const hooks = { onOpen() {}, onClose() {} }
    const connection = createHttp1Connection(upstreamAt('http://a'), address, connect, hooks)
    expect((await exchange(connection)).error).toBe(thrown)
  })

  it.each(['first', 'second'])(
    'fails with what its handler throws at the start of a %s',
    async (which) => {
      const { connection, received } = await connected((socket) => socket.write(OK))
      if (which === 'second') await exchange(connection)
      const thrown = new Error('not now')
      const onStart = () => {
        throw thrown
      }
      const { error } = await exchange(connection, { path: '/second' }, { onStart })
      expect([error, connection.isOpen()]).toEqual([thrown, false])
      expect(received.join('')).not.toContain('/second')
    },
  )

  it('fails with what its handler throws at its end', async () => {
    const { connection } = await connected((socket) => socket.write(OK))
    const thrown = new Error('not so soon')
    const told: unknown[] = []
    await new Promise<void>((resolve) =>
      connection.dispatch(
        { method: 'GET', path: '/', headers: ['host', 'a'], body: null },
        {
          onStart() {},
          onHead() {},
          onUpgrade() {},
          onData() {},
          onEnd() {
            throw thrown
          },
          onError(error) {
            told.push(error)
            resolve()
          },
        },
      ),
    )
    expect(told).toEqual([thrown])
  })

  it('tells of interim ones but 100', async () => {
    const { connection } = await connected((socket) =>
      socket.write(
        `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nlink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n${OK}`,
      ),
    )
    const { heads } = await exchange(connection)
    expect(heads.map(({ status }) => status)).toEqual([103, 102, 200])
    expect(heads[0]).toMatchObject({ reason: 'E', fields: ['link', '</a>'] })
  })

  it('gives its content as it comes, and the last of it with the end', async () => {
    const { connection } = await connected((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab')
      setTimeout(() => socket.write('cd'), 20)
    })
    const told: string[] = []
    await exchange(
      connection,
      {},
      {
        onData: (chunk) => told.push(`data ${chunk}`),
        onEnd: (last) => told.push(`end ${last}`),
      },
    )
    expect(told).toEqual(['data ab', 'end cd'])
  })
})

describe('a connection that waits', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['says what nobody asked for', (socket) => void socket.write(OK)],
    ['closes', (socket) => void socket.end()],
  ])('is closed when the other side %s, and another opened', async (_what, act) => {
    const { connection, far, near, events, received } = await connected((socket) =>
      socket.write(OK),
    )
    await exchange(connection)
    const closed = once(near[0] as Socket, 'close')
    act(far[0] as Socket)
    await closed
    expect([connection.isOpen(), events]).toEqual([false, ['open', 'close']])
    expect((await exchange(connection)).error).toBeUndefined()
    expect(received.map((text) => text.split('\r\n')[0])).toEqual(Array(2).fill('GET / HTTP/1.1'))
  })

  it('is not used when it closes right before the request', async () => {
    const { connection, far, near, received } = await connected((socket) => socket.write(OK))
    await exchange(connection)
    let second: ReturnType<typeof exchange> | undefined
    // heard before the connection hears of it
    near[0]?.prependListener('end', () => {
      second = exchange(connection, { path: '/second' })
    })
    far[0]?.end()
    while (!second) await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await second).error).toBeUndefined()
    expect(received[0]).not.toContain('/second')
    expect(received[1]).toContain('/second')
  })

  it('is not used when there are bytes right before the request', async () => {
    const { connection, far, reading, received } = await connected((socket) => socket.write(OK))
    await exchange(connection)
    let second: ReturnType<typeof exchange> | undefined
    reading.before = () => {
      second ??= exchange(connection, { path: '/second' })
    }
    far[0]?.write(OK.replace(/ok$/, 'no'))
    while (!second) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(String((await second).content)).toBe('ok')
    expect(received[0]).not.toContain('/second')
    expect(received[1]).toContain('/second')
  })
})

describe('a request', () => {
  it.each<[string, () => RequestBody | Buffer, number | undefined, string]>([
    ['bytes', () => Buffer.from('hello'), undefined, '\r\n\r\nhello'],
    [
      'a stream of a length',
      () => streamed(Readable.from([Buffer.from('he'), Buffer.from('llo')])),
      5,
      '\r\n\r\nhello',
    ],
    [
      'a stream',
      () => streamed(Readable.from([Buffer.from('hel'), Buffer.from('lo, all of you')])),
      undefined,
      '\r\n\r\n3\r\nhel\r\ne\r\nlo, all of you\r\n0\r\n\r\n',
    ],
    ['an empty stream', () => streamed(Readable.from([])), undefined, '\r\n\r\n0\r\n\r\n'],
    [
      'a stream with an empty piece',
      () => streamed(Readable.from([Buffer.alloc(0), Buffer.from('a')])),
      undefined,
      '\r\n\r\n1\r\na\r\n0\r\n\r\n',
    ],
  ])('goes out with %s for a body, and the connection stays', async (_what, body, length, end) => {
    const { connection, received } = await connected((socket) =>
      setTimeout(() => socket.write(OK), 50),
    )
    const { error } = await exchange(connection, post(body(), length))
    expect(error).toBeUndefined()
    expect(received[0]).toMatch(/^POST \/ HTTP\/1\.1\r\n/)
    expect(received[0]?.endsWith(end)).toBe(true)
    expect(connection.isOpen()).toBe(true)
  })

  it.each<[string, () => RequestBody | Buffer]>([
    ['bytes', () => Buffer.from('hello')],
    [
      'a stream that has come',
      () => {
        const body = new PassThrough()
        body.end('hello')
        return streamed(body)
      },
    ],
  ])('leaves in one piece with %s for a body', async (_what, body) => {
    const pieces: string[] = []
    const { connection } = await connected((socket, text) => {
      pieces.push(text)
      socket.write(OK)
    })
    await exchange(connection, post(body(), 5))
    expect(pieces).toHaveLength(1)
    expect(pieces[0]).toMatch(/^POST [\s\S]*\r\n\r\nhello$/)
  })

  it.each<[string, Readable, number, object]>([
    ['longer', Readable.from([Buffer.from('abc')]), 2, { code: 'REQUEST_LENGTH' }],
    ['shorter', Readable.from([Buffer.from('abc')]), 4, { code: 'REQUEST_LENGTH' }],
    [
      'broken off',
      Readable.from([Buffer.from('a')]).on('data', function (this: Readable) {
        this.destroy()
      }),
      4,
      { code: 'REQUEST_LENGTH' },
    ],
    ['closed before', new Readable({ read() {} }).destroy(), 4, { code: 'REQUEST_LENGTH' }],
    [
      'failing',
      new Readable({
        read() {
          this.destroy(new Error('gone'))
        },
      }).on('error', () => {}),
      4,
      { message: 'gone' },
    ],
  ])(
    'with a body %s than it said fails, and never says more',
    async (_how, body, length, expected) => {
      const { connection, received } = await connected(() => {})
      const { error } = await exchange(connection, post(streamed(body), length))
      expect(error).toMatchObject(expected)
      expect([body.destroyed, connection.isOpen()]).toEqual([true, false])
      expect(received[0]?.split('\r\n\r\n')[1] ?? '').not.toContain('abc'.slice(0, length + 1))
    },
  )

  it('that cannot be written is refused before there is a connection', async () => {
    const { connection, events } = await connected(() => {})
    const { error } = await exchange(connection, { headers: ['host', 'a\r\nb'] })
    expect(error).toMatchObject({ code: 'REQUEST_INVALID' })
    expect(events).toEqual([])
  })

  it('waits with its body while the upstream does not read', async () => {
    const { connection, far } = await connected((socket) => {
      if (socket.bytesRead < 100_000) socket.pause()
    })
    let taken = 0
    const body = new Readable({
      read() {
        taken += 1
        this.push(Buffer.alloc(64 * 1024, 'x'))
      },
    })
    const done = exchange(connection, post(streamed(body)))
    for (let last = -1; last !== taken || taken === 0; ) {
      last = taken
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const stalled = taken
    expect(stalled).toBeLessThan(2000)
    far[0]?.resume()
    while (taken < stalled + 10) await new Promise((resolve) => setTimeout(resolve, 5))
    connection.destroy()
    expect((await done).error).toMatchObject({ code: 'UPSTREAM_DESTROYED' })
    expect(body.destroyed).toBe(true)
  })
})

describe('an answer before the end of the request', () => {
  const endless = () =>
    streamed(
      new Readable({
        read() {
          this.push(Buffer.alloc(64 * 1024, 'x'))
        },
      }),
    )
  const NO = 'HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno'

  it('is read, the body is given up and the connection closed', async () => {
    const { connection } = await connected((socket) => {
      if (socket.bytesWritten === 0) socket.write(NO)
    })
    const body = endless()
    const { heads, content, error } = await exchange(connection, post(body))
    expect([heads[0]?.status, String(content), error]).toEqual([413, 'no', undefined])
    expect([body.destroyed, connection.isOpen()]).toEqual([true, false])
  })

  it('is read although what we write is refused by then', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { connection } = await connected((socket) => {
        socket.pause()
        if (socket.bytesWritten > 0) return
        socket.write(NO, () => socket.destroy())
        // what was said and the reset are here before anything is read or written
        const until = performance.now() + 5
        while (performance.now() < until);
      })
      const { heads, content, error } = await exchange(connection, post(endless()))
      expect([heads[0]?.status, String(content), error]).toEqual([413, 'no', undefined])
    }
  })

  it('is not taken for whole when it has no length and what we write is refused', async () => {
    const { connection } = await connected((socket) => {
      socket.pause()
      if (socket.bytesWritten > 0) return
      socket.write('HTTP/1.1 413 Too Large\r\n\r\nno', () => socket.destroy())
    })
    const { error } = await exchange(connection, post(endless()))
    expect(error).toMatchObject({ code: expect.stringMatching(/^UPSTREAM_RESET$/) })
  })
})

describe('the control of an exchange', () => {
  /** An exchange whose control is given once there is a head. */
  function begun(connection: Parameters<typeof exchange>[0], hear = {}) {
    const { promise, resolve } = Promise.withResolvers<ExchangeControl>()
    let control: ExchangeControl | undefined
    const done = exchange(
      connection,
      {},
      {
        onStart(given) {
          control = given
        },
        onHead: () => resolve(control as ExchangeControl),
        ...hear,
      },
    )
    return { control: promise, done }
  }

  it('lets the upstream wait, and go on', async () => {
    const size = 8 * 1024 * 1024
    const { connection, far } = await connected((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
      socket.write(Buffer.alloc(size, 'x'))
    })
    const { control, done } = begun(connection)
    const { pause, isPaused, resume } = await control
    pause()
    expect(isPaused()).toBe(true)
    for (let last = -1; last !== far[0]?.writableLength; ) {
      last = far[0]?.writableLength ?? -1
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(far[0]?.writableLength).toBeGreaterThan(0)
    resume()
    expect(isPaused()).toBe(false)
    expect((await done).content.length).toBe(size)
    expect(connection.isOpen()).toBe(true)
  })

  it('destroys the connection and tells nothing more', async () => {
    const { connection, near } = await connected((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nok'),
    )
    const told: string[] = []
    const hear = { onData: () => told.push('data'), onError: () => told.push('error') }
    const { control } = begun(connection, hear)
    ;(await control).abort(new Error('enough'))
    await once(near[0] as Socket, 'close')
    expect([connection.isOpen(), told]).toEqual([false, ['data']])
  })

  it.each([
    ['of its answer', ''],
    ['of an interim answer', 'HTTP/1.1 103 E\r\n\r\n'],
    ['of an answer that goes on as none can', 'HTTP/1.1 103 E\r\n\r\nHTTP/2 '],
  ])(
    'tells nothing more when it aborts in the head %s, and the next nothing of it',
    async (_where, interim) => {
      const { connection, near } = await connected((socket, text) => {
        if (text.startsWith('GET /first')) socket.write(`${interim}${OK.replace(/ok$/, 'no')}`)
        else {
          // the head alone: what is there of a content by then is none of it
          socket.write(OK.slice(0, -2))
          setTimeout(() => socket.write('ok'), 20)
        }
      })
      const told: string[] = []
      let control: ExchangeControl | undefined
      exchange(
        connection,
        { path: '/first' },
        {
          onStart(given) {
            control = given
          },
          onHead({ status }) {
            told.push(`head ${status}`)
            control?.abort(new Error('enough'))
          },
          onData: () => told.push('data'),
          onEnd: () => told.push('end'),
          onError: () => told.push('error'),
        },
      )
      while (!near[0]?.closed) await new Promise((resolve) => setTimeout(resolve, 5))
      const { heads, content } = await exchange(connection)
      expect(told).toHaveLength(1)
      expect([heads.length, String(content)]).toEqual([1, 'ok'])
    },
  )

  it('leaves nothing to an exchange that begins as soon as it has aborted', async () => {
    const { connection } = await connected((socket, text) =>
      socket.write(text.startsWith('GET /first') ? `HTTP/1.1 103 E\r\n\r\n${OK}` : OK),
    )
    const second = Promise.withResolvers<Awaited<ReturnType<typeof exchange>>>()
    let control: ExchangeControl | undefined
    exchange(
      connection,
      { path: '/first' },
      {
        onStart(given) {
          control = given
        },
        onHead() {
          control?.abort(new Error('enough'))
          exchange(connection).then(second.resolve)
        },
      },
    )
    const { heads, content } = await second.promise
    expect([heads.length, String(content)]).toEqual([1, 'ok'])
  })

  it('keeps the request back when it is aborted at its start', async () => {
    const { connection, received } = await connected(() => {})
    const { promise, resolve } = Promise.withResolvers<void>()
    exchange(
      connection,
      {},
      {
        onStart(control) {
          control.abort(new Error('late'))
          resolve()
        },
      },
    )
    await promise
    expect([connection.isOpen(), received.join('')]).toEqual([false, ''])
  })

  it('does nothing to the exchange after it', async () => {
    const { connection } = await connected((socket) => socket.write(OK))
    const { control, done } = begun(connection)
    await done
    const second = exchange(
      connection,
      {},
      {
        async onStart() {
          const former = await control
          former.pause()
          former.abort(new Error('too late'))
        },
      },
    )
    expect(await second).toMatchObject({ error: undefined })
    expect(connection.isOpen()).toBe(true)
  })
})

describe('a change of protocol', () => {
  const SWITCH = 'HTTP/1.1 101 Go\r\nupgrade: websocket\r\n\r\n'

  it('gives the socket up with all that has come in it', async () => {
    const { connection, far, events } = await connected((socket, text) => {
      socket.write(text.startsWith('GET') ? `${SWITCH}hel` : `(${text})`)
    })
    let changed: Socket | undefined
    const { heads } = await exchange(
      connection,
      { upgrade: 'websocket' },
      {
        onUpgrade: (_head, socket) => {
          changed = socket as Socket
        },
      },
    )
    expect(heads).toMatchObject([{ status: 101, fields: ['upgrade', 'websocket'] }])
    expect([connection.isOpen(), events]).toEqual([false, ['open', 'close']])
    let text = ''
    changed?.on('data', (bytes) => {
      text += bytes
    })
    changed?.resume()
    far[0]?.write('lo')
    while (text.length < 5) await new Promise((resolve) => setTimeout(resolve, 5))
    changed?.write('hi')
    while (!text.endsWith('(hi)')) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(text).toBe('hello(hi)')
    far[0]?.end()
    await once(changed as Socket, 'end')
    changed?.destroy()
  })

  it('fails with a write that fails, whatever was sent before, and the connection is opened anew', async () => {
    const { connection, far, near } = await connected((socket, text) => {
      if (text.startsWith('POST')) setTimeout(() => socket.write(OK), 50)
      else if (text.startsWith('GET /socket')) socket.write(SWITCH)
      else socket.end('HTTP/1.0 200 OK\r\n\r\nall')
    })
    await exchange(connection, post(streamed(Readable.from([Buffer.from('a')]))))
    await exchange(connection, { path: '/socket', upgrade: 'websocket' })
    far[0]?.resetAndDestroy()
    near[0]?.write('hi')
    while (!near[0]?.closed) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(near[0]?.errored).toMatchObject({ code: 'UPSTREAM_RESET' })
    const { content, error } = await exchange(connection)
    expect([String(content), error]).toEqual(['all', undefined])
  })

  it('that nobody asked for is refused', async () => {
    const { connection } = await connected((socket) => socket.write(SWITCH))
    const { error } = await exchange(connection)
    expect([error, connection.isOpen()]).toEqual([
      expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }),
      false,
    ])
  })

  it('that its handler refuses ends the connection', async () => {
    const { connection, near } = await connected((socket) => socket.write(SWITCH))
    const thrown = new Error('not this one')
    const { error } = await exchange(
      connection,
      { upgrade: 'websocket' },
      {
        onUpgrade() {
          throw thrown
        },
      },
    )
    expect([error, near[0]?.destroyed]).toEqual([thrown, true])
  })
})

it('destroyed while it is opened fails, and is not opened', async () => {
  const { connection, events } = await connected(() => {})
  const done = exchange(connection)
  connection.destroy()
  expect((await done).error).toMatchObject({ code: 'UPSTREAM_DESTROYED' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect([events, connection.isOpen()]).toEqual([[], false])
})
