import { once } from 'node:events'
import { createSecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Connection } from '../../../src/forward/connection.ts'
import { createConnector, upstreamLookup } from '../../../src/forward/connector.ts'
import { createUpstreamAddress } from '../../../src/forward/upstream-address.ts'
import {
  canMakeCertificates,
  makeCertificate,
  type TestCertificate,
} from '../../support/certificate.ts'
import { exchange as exchangeOver } from '../../support/exchange.ts'
import { freePort, listening } from '../../support/listening.ts'
import { upstreamAt } from '../../support/upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** One address, and the sockets that its server has accepted. */
async function started(reply = OK) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.on('data', () => socket.write(reply))
  })
  const port = await listening(server)
  const upstream = upstreamAt(`http://127.0.0.1:${port}`)
  const target = createUpstreamAddress(
    upstream,
    { host: '127.0.0.1', port },
    createConnector(upstream, upstreamLookup()),
    { monotonic: () => 0, observe: () => {} },
  )
  onTestFinished(() => {
    target.retire()
    for (const socket of sockets) socket.destroy()
  })
  return { target, sockets }
}

/** One exchange; resolves with the error that it ended with, if any. */
const exchange = async (connection: Connection) => (await exchangeOver(connection)).error

it('gives the connection out again that was used last', async () => {
  const { target, sockets } = await started()
  const [first, second] = [target.take(), target.take()]
  expect(first.isStale()).toBe(false)
  await Promise.all([exchange(first), exchange(second)])
  expect(target.pending()).toBe(2)
  target.give(first, 'ok')
  target.give(second, 'ok')
  expect(target.pending()).toBe(0)
  expect(target.take()).toBe(second)
  expect(second.isStale()).toBe(true)
  expect(target.take()).toBe(first)
  expect(sockets).toHaveLength(2)
  await exchange(second)
  expect(second.isStale()).toBe(false)
})

it('opens a new connection when it has to be fresh', async () => {
  const { target } = await started()
  const first = target.take()
  await exchange(first)
  target.give(first, 'ok')
  expect(target.take(true)).not.toBe(first)
})

it('closes a connection on which an exchange failed', async () => {
  const { target, sockets } = await started()
  const first = target.take()
  await exchange(first)
  target.give(first, 'failed')
  await once(sockets[0]!.resume(), 'close')
  expect(target.take()).not.toBe(first)
})

it('gives no connection out that the other side has closed', async () => {
  const { target, sockets } = await started()
  const first = target.take()
  await exchange(first)
  target.give(first, 'ok')
  sockets[0]?.end()
  await wait(50)
  expect(target.take()).not.toBe(first)
})

it('gives no connection out that an answer has closed', async () => {
  const { target } = await started(
    'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
  )
  const first = target.take()
  await exchange(first)
  target.give(first, 'ok')
  await wait(50)
  expect(target.take()).not.toBe(first)
})

it('closes what waits when it is retired, and what is in use afterwards', async () => {
  const { target, sockets } = await started()
  const [waiting, used] = [target.take(), target.take()]
  await exchange(waiting)
  await exchange(used)
  target.give(waiting, 'ok')
  target.retire()
  await once(sockets[0]!.resume(), 'close')
  expect(sockets[1]?.closed).toBe(false)
  target.give(used, 'ok')
  await once(sockets[1]!.resume(), 'close')
  expect(target.take()).not.toBe(used)
})

it('opens connections when it has been retired, too, and closes each after its exchange', async () => {
  const { target, sockets } = await started()
  target.retire()
  const late = target.take()
  await exchange(late)
  expect(late.isOpen()).toBe(true)
  target.give(late, 'ok')
  await once(sockets[0]!.resume(), 'close')
  expect([late.isOpen(), sockets.length]).toEqual([false, 1])
})

describe('an address whose breaker is open', () => {
  /** An address that fails, and what its breaker tells. */
  function failing(port: number) {
    const events: unknown[] = []
    const upstream = upstreamAt(`http://127.0.0.1:${port}`, {
      breaker: { failures: 1, openFor: 10_000 },
    })
    const target = createUpstreamAddress(
      upstream,
      { host: '127.0.0.1', port },
      createConnector(upstream, upstreamLookup()),
      { monotonic: () => 0, observe: (event) => void events.push(event) },
    )
    onTestFinished(target.retire)
    async function send() {
      const connection = target.take()
      const error = await exchange(connection)
      target.give(connection, error ? 'failed' : 'ok')
      target.breaker.end(target.breaker.begin(), error ? 'failed' : 'ok')
      return error
    }
    return { target, send, events }
  }

  it('tells of its changes by name', async () => {
    const { target, send, events } = failing(1)
    expect(target.admits()).toBe(true)
    await send()
    expect(target.admits()).toBe(false)
    expect(events).toEqual([
      {
        type: 'breaker',
        upstream: 'http://127.0.0.1:1',
        address: '127.0.0.1:1',
        state: 'open',
        failures: 1,
      },
    ])
  })

  it('R12 gets requests soon after it can be reached again', async () => {
    const server = createServer((socket) => void socket.on('error', () => {}))
    const port = await freePort(server)
    await new Promise((resolve) => server.close(resolve))
    const { target, send } = failing(port)
    expect(await send()).toMatchObject({ code: 'ECONNREFUSED' })
    server.listen(port, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const knocked = once(server, 'connection')
    expect(target.admits()).toBe(false)
    await knocked
    while (!target.admits()) await wait(5)
    expect(target.breaker.state()).toBe('open')
  })

  it('is not looked for when it can be reached, and fails all the same', async () => {
    let accepted = 0
    const server = createServer((socket) => {
      accepted += 1
      socket.on('error', () => {}).on('data', () => socket.end('no HTTP'))
    })
    const { target, send } = failing(await listening(server))
    expect(await send()).toBeDefined()
    expect(target.admits()).toBe(false)
    await wait(50)
    expect(target.admits()).toBe(false)
    expect(accepted).toBe(1)
  })
})

if (!canMakeCertificates) {
  process.stderr.write('skipped: addresses that speak HTTP/2, as openssl is not on the PATH\n')
}

describe.skipIf(!canMakeCertificates)('an address that speaks HTTP/2', () => {
  let certificate: TestCertificate

  beforeAll(async () => {
    certificate = await makeCertificate()
  })

  async function shared() {
    const sessions: ServerHttp2Session[] = []
    const server = createSecureServer(certificate)
    server.on('session', (session) => void sessions.push(session))
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => {})
      if (headers[':path'] === '/') stream.respond({ ':status': 204 }, { endStream: true })
    })
    const port = await freePort(server)
    const upstream = upstreamAt(`https://localhost:${port}`, {
      http2: true,
      tls: { ca: certificate.cert, minVersion: 'TLSv1.2' },
    })
    const target = createUpstreamAddress(
      upstream,
      { host: '127.0.0.1', port },
      createConnector(upstream, upstreamLookup()),
      { monotonic: () => 0, observe: () => {} },
    )
    onTestFinished(() => {
      target.retire()
      server.close()
      for (const session of sessions) session.destroy()
    })
    const first = target.take()
    expect(await exchange(first)).toBeUndefined()
    return { target, sessions, first }
  }

  it('has one connection for all exchanges, and after them', async () => {
    const { target, sessions, first } = await shared()
    const others = [target.take(), target.take()]
    expect(others).toEqual([first, first])
    await Promise.all(others.map(exchange))
    for (const connection of [first, ...others]) target.give(connection, 'ok')
    expect(target.pending()).toBe(0)
    expect(target.take()).toBe(first)
    expect(sessions).toHaveLength(1)
  })

  it('keeps it when one exchange has failed', async () => {
    const { target, first } = await shared()
    const other = target.take()
    await exchange(other)
    target.give(other, 'failed')
    expect(target.take()).toBe(first)
    expect(first.isOpen()).toBe(true)
  })

  it('has a new one when two exchanges were given up and not a byte has come between them', async () => {
    const { target, first } = await shared()
    target.take()
    target.give(first, 'aborted')
    expect(target.take()).toBe(first)
    target.give(first, 'aborted')
    const next = target.take()
    expect(next).not.toBe(first)
    expect(await exchange(next)).toBeUndefined()
    // whoever still uses the old one may go on
    expect(await exchange(first)).toBeUndefined()
    target.give(first, 'ok')
    while (first.isOpen()) await wait(5)
  })

  it('has a new one when an exchange has failed of which not a byte has come', async () => {
    const { target, first } = await shared()
    expect(target.take()).toBe(first)
    target.give(first, 'failed')
    expect(target.take()).not.toBe(first)
  })

  it('keeps the one that is being opened when one of those that wait for it is given up', async () => {
    const { target, sessions, first } = await shared()
    target.give(first, 'ok')
    sessions[0]?.close()
    while (first.isOpen()) await wait(5)
    const next = target.take()
    expect(target.take()).toBe(next)
    target.give(next, 'aborted')
    expect(target.take()).toBe(next)
    expect(await exchange(next)).toBeUndefined()
  })

  it('R12 has a new one when the first was given up while it was opened', async () => {
    const { target, first } = await shared()
    target.give(first, 'ok')
    const early = target.take(true)
    const ended = exchange(early)
    target.give(early, 'aborted')
    expect(await ended).toMatchObject({ code: 'UND_ERR_DESTROYED' })
    // it would open now
    await wait(100)
    expect(early.isOpen()).toBe(false)
    const next = target.take()
    expect(next).not.toBe(early)
    expect(await exchange(next)).toBeUndefined()
  })

  it('has a new one for all when it has to be fresh', async () => {
    const { target, sessions, first } = await shared()
    const fresh = target.take(true)
    expect(fresh).not.toBe(first)
    expect(target.take()).toBe(fresh)
    await exchange(fresh)
    target.give(first, 'ok')
    await once(sessions[0]!, 'close')
    expect(target.take()).toBe(fresh)
  })

  it('has a new one when the other side has closed it', async () => {
    const { target, sessions, first } = await shared()
    target.give(first, 'ok')
    sessions[0]?.close()
    while (first.isOpen()) await wait(5)
    const next = target.take()
    expect(next).not.toBe(first)
    expect(await exchange(next)).toBeUndefined()
  })

  it('closes it when it is retired', async () => {
    const { target, sessions, first } = await shared()
    target.give(first, 'ok')
    expect(first.isOpen()).toBe(true)
    target.retire()
    await once(sessions[0]!, 'close')
    expect([first.isOpen(), sessions.length]).toEqual([false, 1])
  })

  it('closes it after the last exchange when it was retired before', async () => {
    const { target, sessions, first } = await shared()
    const other = target.take()
    target.retire()
    target.give(first, 'ok')
    expect(await exchange(other)).toBeUndefined()
    target.give(other, 'ok')
    await once(sessions[0]!, 'close')
  })
})
