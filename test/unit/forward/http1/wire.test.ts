import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createConnector, upstreamLookup } from '../../../../src/forward/connector.ts'
import { createWire } from '../../../../src/forward/http1/wire.ts'
import { listening } from '../../../support/listening.ts'
import { upstreamAt } from '../../../support/upstream.ts'

/** A wire to a server that greets, and what is heard of it. */
async function wired() {
  const far: Socket[] = []
  const server = createServer((socket) => {
    far.push(socket.on('error', () => {}))
    socket.write('hello')
  })
  const port = await listening(server)
  const connect = createConnector(upstreamAt(`http://127.0.0.1:${port}`), upstreamLookup())
  const events: string[] = []
  const heard = Promise.withResolvers<void>()
  const wire = createWire({ host: '127.0.0.1', port }, connect, {
    onOpen: () => events.push('open'),
    onClose: () => events.push('close'),
    onData(bytes) {
      events.push(String(bytes))
      heard.resolve()
    },
    onEnd: () => events.push('end'),
    onError: (error) => events.push((error as NodeJS.ErrnoException).code ?? ''),
  })
  onTestFinished(() => {
    wire.drop()
    for (const socket of far) socket.destroy()
  })
  const open = (isWanted = true) =>
    new Promise<void>((resolve, reject) => {
      wire.open(
        () => {
          if (!isWanted) resolve()
          return isWanted
        },
        (error) => (error ? reject(error) : resolve()),
      )
    })
  return { wire, server, far, events, heard: heard.promise, open }
}

it('tells what comes, and that the other side closes, until it is dropped', async () => {
  const { wire, far, events, heard, open } = await wired()
  expect([wire.socket(), wire.wasOpen()]).toEqual([undefined, false])
  await open()
  const socket = wire.socket() as Socket
  await heard
  far[0]?.end()
  await once(socket, 'close')
  expect(events).toEqual(['open', 'hello', 'end', 'UPSTREAM_CLOSED'])
  wire.drop()
  wire.drop()
  expect(events.slice(4)).toEqual(['close'])
  expect([wire.socket(), wire.wasOpen()]).toEqual([undefined, true])
})

it('destroys a socket that is not wanted when it is open', async () => {
  const { wire, server, events, open } = await wired()
  const far = once(server, 'connection')
  await open(false)
  const [socket] = (await far) as [Socket]
  // what it has not read makes that a reset
  await new Promise((resolve) => socket.resume().once('close', resolve))
  expect([events, wire.socket(), wire.wasOpen()]).toEqual([[], undefined, false])
})

it('hears no more of a socket that it has handed over, nor what is read in it', async () => {
  const { wire, far, events, heard, open } = await wired()
  await open()
  await heard
  const changed = wire.handOver(Buffer.from('first '))
  let text = ''
  changed.on('data', (bytes) => {
    text += bytes
  })
  changed.resume()
  far[0]?.end('second')
  await once(changed, 'end')
  expect(text).toBe('first second')
  expect(events).toEqual(['open', 'hello', 'close'])
})

it('is cut off by a write that fails, for as long as it has that socket', async () => {
  const { wire, far, heard, open } = await wired()
  await open()
  await heard
  let told = 0
  wire.surviveWriteFaults(() => {
    told += 1
  })
  far[0]?.resetAndDestroy()
  wire.socket()?.write('x')
  expect([wire.isCutOff(), told, wire.socket()?.destroyed]).toEqual([true, 1, false])
  wire.drop()
  expect(wire.isCutOff()).toBe(false)
})
