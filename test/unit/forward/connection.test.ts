import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Upstream } from '../../../src/compiled.ts'
import type { ConnectionFactory } from '../../../src/forward/connection.ts'
import { createConnector, upstreamLookup } from '../../../src/forward/connector.ts'
import { createHttp1Connection } from '../../../src/forward/http1/connection.ts'
import { createUndiciConnection } from '../../../src/forward/undici/connection.ts'
import { exchange as exchangeOver } from '../../support/exchange.ts'
import { freePort, listening } from '../../support/listening.ts'
import { upstreamAt } from '../../support/upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** A connection that nothing has gone over, and what its hooks have heard. */
function connectionTo(create: ConnectionFactory, port: number, change: Partial<Upstream> = {}) {
  const upstream = upstreamAt(`http://127.0.0.1:${port}`, change)
  const events: string[] = []
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const connection = create(
    upstream,
    { host: '127.0.0.1', port },
    createConnector(upstream, upstreamLookup()),
    {
      onOpen: (isShared) => void events.push(isShared ? 'shared' : 'open'),
      onClose() {
        events.push('close')
        resolve()
      },
    },
  )
  onTestFinished(() => connection.destroy())
  const exchange = async (headers = ['host', 'a']) =>
    (await exchangeOver(connection, { headers })).error
  return { connection, events, closed, exchange }
}

/** A server that answers each request, of which `sockets` are the connections. */
async function answering(reply = OK) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.on('data', () => socket.write(reply))
  })
  const port = await listening(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { port, sockets }
}

describe.each([
  ['of our own', createHttp1Connection],
  ['of undici', createUndiciConnection],
])('a connection %s', (_whose, create) => {
  it('opens with its first exchange, and stays for others whatever their Host', async () => {
    const { port, sockets } = await answering()
    const { connection, events, exchange } = connectionTo(create, port)
    expect([connection.isOpen(), connection.wasOpen(), events]).toEqual([false, false, []])
    for (const host of ['a', 'b', 'c']) expect(await exchange(['host', host])).toBeUndefined()
    expect([connection.isOpen(), connection.wasOpen(), events]).toEqual([true, true, ['open']])
    expect(sockets).toHaveLength(1)
  })

  it('tells that it could not be opened', async () => {
    const server = createServer()
    const port = await freePort(server)
    server.close()
    const { connection, events, exchange } = connectionTo(create, port)
    expect(await exchange()).toMatchObject({ code: 'ECONNREFUSED' })
    expect([connection.isOpen(), connection.wasOpen(), events]).toEqual([false, false, []])
  })

  it('tells that it was open once the other side has closed it, until it is opened anew', async () => {
    const { port, sockets } = await answering()
    const { connection, events, closed, exchange } = connectionTo(create, port)
    await exchange()
    sockets[0]?.end()
    await closed
    expect([connection.isOpen(), connection.wasOpen()]).toEqual([false, true])
    await exchange()
    expect(events).toEqual(['open', 'close', 'open'])
  })

  it('counts its exchanges', () => {
    const { connection } = connectionTo(create, 1)
    connection.begin()
    connection.begin()
    expect(connection.users()).toBe(2)
    connection.end('ok')
    connection.end('failed')
    expect(connection.users()).toBe(0)
  })

  it('may be stale after an exchange that went well, until a byte of the next arrives', async () => {
    const { port } = await answering()
    const { connection, exchange } = connectionTo(create, port)
    const run = async (isOk: boolean) => {
      connection.begin()
      const before = connection.isStale()
      await exchange()
      const after = connection.isStale()
      connection.end(isOk ? 'ok' : 'failed')
      return [before, after]
    }
    expect(await run(false)).toEqual([false, false])
    expect(await run(true)).toEqual([false, false])
    expect(await run(false)).toEqual([true, false])
    expect(await run(true)).toEqual([true, false])
  })

  it('is not stale when it has been opened anew', async () => {
    const { port, sockets } = await answering()
    const { connection, closed, exchange } = connectionTo(create, port)
    connection.begin()
    await exchange()
    connection.end('ok')
    sockets[0]?.end()
    await closed
    connection.begin()
    expect(connection.isStale()).toBe(true)
    sockets.length = 0
    await exchange()
    connection.begin()
    expect(connection.isStale()).toBe(false)
  })

  it('closes when it is destroyed', async () => {
    const { port, sockets } = await answering()
    const { connection, closed, exchange } = connectionTo(create, port)
    await exchange()
    const ended = once(sockets[0]?.resume() as Socket, 'close')
    connection.destroy()
    await Promise.all([ended, closed])
    expect(connection.isOpen()).toBe(false)
  })

  const times = { connect: 1000, headers: 1000, body: 1000, idle: 1000 }
  const keepAlive = (seconds: number) =>
    OK.replace('\r\n\r\n', `\r\nkeep-alive: timeout=${seconds}\r\n\r\n`)

  it.each([
    ['its idle time', OK, 50],
    ['its idle time, though the upstream would keep it longer', keepAlive(600), 50],
    // a second is taken off
    ['the time that the upstream says, which is shorter', keepAlive(2), 60_000],
  ])('closes after %s', async (_when, reply, idle) => {
    const { port } = await answering(reply)
    const { connection, events, closed, exchange } = connectionTo(create, port, {
      timeouts: { ...times, idle },
    })
    await exchange()
    expect(connection.isOpen()).toBe(true)
    await closed
    expect([connection.isOpen(), events]).toEqual([false, ['open', 'close']])
  })
})

it('of undici is silent when two exchanges have failed without a byte between them', async () => {
  const { port } = await answering()
  const { connection, exchange } = connectionTo(createUndiciConnection, port)
  for (const isOk of [false, true, false]) {
    connection.begin()
    await exchange()
    connection.end(isOk ? 'ok' : 'failed')
    expect(connection.isSilent()).toBe(false)
  }
  connection.begin()
  connection.end('failed')
  expect(connection.isSilent()).toBe(true)
})
