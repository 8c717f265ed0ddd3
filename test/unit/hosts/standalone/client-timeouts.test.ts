import { EventEmitter, once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startClientTimeouts } from '../../../../src/hosts/standalone/client-timeouts.ts'
import { createExchange, type Exchange } from '../../../../src/hosts/standalone/exchange.ts'
import { canMakeCertificates, makeCertificate } from '../../../support/certificate.ts'
import { listening } from '../../../support/listening.ts'

const LIMITS = { headers: 1000, body: 5000, request: 1000, idle: 1000, write: 3000 }
/** More than any system buffers. */
const SIZE = 48 * 1024 * 1024
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

/** A client whose request is watched, answered at once by one large write. */
async function start(request: string, isTls = false, answer: Buffer | undefined = undefined) {
  let now = 0
  const clients = startClientTimeouts(
    () => now,
    () => LIMITS,
  )
  const watched = Promise.withResolvers<Exchange>()
  const failures: string[] = []
  const serve: RequestListener = (message, response) => {
    const exchange = createExchange(message, response, {
      before: undefined,
      requestId: '1',
      now: () => now,
    })
    exchange.onFail(({ code }) => void failures.push(code))
    clients.watch(exchange).wantsBody()
    if (answer) response.end(answer)
    watched.resolve(exchange)
  }
  const server = isTls ? createHttpsServer(await makeCertificate(), serve) : createHttpServer(serve)
  const port = await listening(server)
  const socket: Socket = isTls
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1')
  socket.on('error', () => {}).pause()
  onTestFinished(() => {
    clients.stop()
    socket.destroy()
    server.close()
  })
  socket.write(request)
  await watched.promise
  /** Lets a time pass, at the end of which the client is looked at. */
  function look(after: number): void {
    now += after
    vi.advanceTimersByTime(1000)
  }
  return { socket, failures, look }
}

describe.each([
  ['without TLS', false],
  ['over TLS', true],
])('%s', (_how, isTls) => {
  it.skipIf(isTls && !canMakeCertificates)(
    'T119 ends what a client reads nothing of, not what it reads slowly',
    async () => {
      const { socket, failures, look } = await start(GET, isTls, Buffer.alloc(SIZE))
      look(0)
      for (const part of [0.25, 0.5, 0.75]) {
        while (socket.bytesRead < part * SIZE) {
          socket.resume()
          await wait(1)
        }
        socket.pause()
        look(LIMITS.write)
        expect(failures).toEqual([])
      }
      // the system may go on taking what it has room for
      for (let looks = 0; looks < 100 && failures.length === 0; looks += 1) {
        await wait(20)
        look(LIMITS.write)
      }
      expect(failures).toEqual(['request/aborted'])
    },
  )
})

it('watches the others when some have ended, in whatever order, and hears of an end twice', async () => {
  let now = 0
  const clients = startClientTimeouts(
    () => now,
    () => LIMITS,
  )
  onTestFinished(clients.stop)
  const failures: string[] = []
  /** A client that sends nothing of its body. */
  const silent = (name: string) => {
    const message = { complete: false, readableLength: 0, readableHighWaterMark: 1, socket: {} }
    Object.assign(message.socket, { bytesRead: 9, writableLength: 0, destroy: () => {} })
    const response = new EventEmitter()
    const fail = () => void failures.push(name)
    clients.watch({ message, response, fail } as unknown as Exchange).wantsBody()
    return response
  }
  const [one, two, , four] = ['one', 'two', 'three', 'four'].map(silent) as EventEmitter[]
  const look = (after: number) => {
    now += after
    vi.advanceTimersByTime(1000)
  }
  look(0)
  for (const ended of [two, one, two, four, one]) ended?.emit('close')
  look(LIMITS.body)
  expect(failures).toEqual(['three'])
})

it('T119 ends a body that nothing more comes of, not one that comes slowly', async () => {
  const { socket, failures, look } = await start(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n',
  )
  socket.resume()
  look(0)
  look(LIMITS.body - 1)
  expect(failures).toEqual([])
  look(1)
  expect(failures).toEqual(['request/timeout'])
  await once(socket, 'close')
})
