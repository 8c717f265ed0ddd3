import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openTunnel } from '../../../src/forward/tunnel.ts'
import { listening } from '../../support/listening.ts'

/** Both ends of a connection. */
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true })
  const port = await listening(server)
  const near = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [far] = (await once(server, 'connection')) as [Socket]
  for (const socket of [near, far]) {
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
  }
  return [near, far]
}

/** A tunnel between `client` and `upstream`. */
async function start() {
  const [client, ourClientSide] = await pair()
  const [ourUpstreamSide, upstream] = await pair()
  return { client, upstream, tunnel: openTunnel(ourClientSide, ourUpstreamSide) }
}

const CLOSE_1001 = Buffer.from([0x88, 2, 3, 0xe9])
/** A text frame, in two parts. */
const [BEGIN, REST] = [Buffer.from([0x81, 5, 0x68, 0x65]), Buffer.from('llo')]

describe('openTunnel', () => {
  it('passes on what each side says until it ends, and ends itself then', async () => {
    const { client, upstream, tunnel } = await start()
    client.end('to the upstream')
    expect(await readToEnd(upstream)).toEqual(Buffer.from('to the upstream'))
    upstream.end('to the client')
    expect(await readToEnd(client)).toEqual(Buffer.from('to the client'))
    await tunnel.done
  })

  it.each(['client', 'upstream'] as const)(
    'destroys the other connection when the %s resets its own',
    async (name) => {
      const { tunnel, ...sides } = await start()
      const other = name === 'client' ? sides.upstream : sides.client
      let isDone = false
      const done = tunnel.done.then(() => {
        isDone = true
      })
      sides[name].write('the last word')
      expect((await once(other, 'data'))[0]).toEqual(Buffer.from('the last word'))
      expect(isDone).toBe(false)
      const ended = once(other.resume(), 'end')
      sides[name].resetAndDestroy()
      await Promise.all([ended, done])
      expect(other.readableEnded).toBe(true)
    },
  )

  it.each([
    ['client', 'upstream'],
    ['upstream', 'client'],
  ] as const)('stops reading from the %s while the %s does not read', async (from, to) => {
    const { tunnel: _, ...sides } = await start()
    const sent = Buffer.alloc(32 * 1024 * 1024, from)
    sides[from].end(sent)
    await stalled(sides[from])
    expect(sides[from].writableLength).toBeGreaterThan(sent.length / 2)
    expect(sent.equals(await readToEnd(sides[to]))).toBe(true)
  })

  it('gives one side 30 seconds when the other has ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { client, upstream, tunnel } = await start()
    client.end('all')
    expect(await readToEnd(upstream)).toEqual(Buffer.from('all'))
    vi.advanceTimersByTime(29_999)
    upstream.write('still here')
    expect((await once(client, 'data'))[0]).toEqual(Buffer.from('still here'))
    vi.advanceTimersByTime(1)
    await Promise.all([once(client, 'end'), tunnel.done])
  })

  it('writes a close frame between frames, and gives the upstream the answer to it', async () => {
    const { client, upstream, tunnel } = await start()
    upstream.write(Buffer.concat([BEGIN, REST]))
    await once(client, 'data')
    tunnel.close(1001)
    expect((await once(client, 'data'))[0]).toEqual(CLOSE_1001)
    client.write('the answer')
    expect((await once(upstream, 'data'))[0]).toEqual(Buffer.from('the answer'))
    upstream.end('nobody hears this')
    expect(await readToEnd(client)).toEqual(Buffer.alloc(0))
    client.end()
    await tunnel.done
  })

  it('puts a close frame behind the frame that is under way, and nothing behind it', async () => {
    const { client, upstream, tunnel } = await start()
    upstream.write(BEGIN)
    await once(client, 'data')
    tunnel.close(1001)
    upstream.end(Buffer.concat([REST, BEGIN]))
    expect(await readToEnd(client)).toEqual(Buffer.concat([REST, CLOSE_1001]))
  })

  it('closes once, with the first code', async () => {
    const { client, upstream, tunnel } = await start()
    tunnel.close(1001)
    tunnel.close(1000)
    upstream.end()
    expect(await readToEnd(client)).toEqual(CLOSE_1001)
    client.end()
    await tunnel.done
  })

  it('gives a close no more time when one side has ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { client, upstream, tunnel } = await start()
    tunnel.close(1001)
    client.end()
    await once(upstream.resume(), 'end')
    vi.advanceTimersByTime(499)
    expect(client.readableEnded).toBe(false)
    const ended = once(client.resume(), 'end')
    vi.advanceTimersByTime(1)
    await Promise.all([ended, tunnel.done])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('destroys both connections when it is told to', async () => {
    const { client, upstream, tunnel } = await start()
    const ends = [client, upstream].map((side) => once(side.resume(), 'end'))
    tunnel.destroy()
    await Promise.all([...ends, tunnel.done])
  })

  it('ends when a side was closed before it began', async () => {
    const [, ourClientSide] = await pair()
    const [ourUpstreamSide, upstream] = await pair()
    ourClientSide.destroy()
    await once(ourClientSide, 'close')
    const ended = once(upstream.resume(), 'end')
    await Promise.all([openTunnel(ourClientSide, ourUpstreamSide).done, ended])
  })

  it('destroys both connections when nobody takes part in a close', async () => {
    const { client, upstream, tunnel } = await start()
    upstream.write(BEGIN)
    await once(client, 'data')
    tunnel.close(1001)
    const ends = [client, upstream].map(readToEnd)
    await tunnel.done
    // no close frame within the frame that has begun
    expect(await Promise.all(ends)).toEqual([Buffer.alloc(0), Buffer.alloc(0)])
  })
})

/** What arrives until the other side ends; `buffer` of node would end this side, too. */
async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks)
}

/** Resolves when nothing more of what waits in `socket` leaves it. */
async function stalled(socket: Socket): Promise<void> {
  for (let last = -1; last !== socket.bytesWritten - socket.writableLength; ) {
    last = socket.bytesWritten - socket.writableLength
    await wait(100)
  }
}
