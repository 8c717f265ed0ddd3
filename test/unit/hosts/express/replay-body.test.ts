import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { replayBody } from '../../../../src/hosts/express/replay-body.ts'
import { listening } from '../../../support/listening.ts'
import { rawRequest } from '../../../support/raw-client.ts'

const BODY = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nold'

/** Hands a real message, read to its end, to `look`. */
async function afterReading(look: (message: IncomingMessage) => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer((message, response) => {
    message.resume().once('end', () => look(message).then(resolve, reject))
    void promise.finally(() => response.end()).catch(() => {})
  })
  await rawRequest(await listening(server), BODY)
  await promise
}

it('does not show the second reader the close of the first', async () => {
  await afterReading(async (message) => {
    await replayBody(message, Buffer.from('new'))
    const events: string[] = []
    for (const name of ['close', 'end', 'error', 'aborted']) {
      message.on(name, () => events.push(name))
    }
    await new Promise(setImmediate)
    expect(events).toEqual([])
    expect(await text(message)).toBe('new')
    await new Promise(setImmediate)
    expect(events).toEqual(['end', 'close'])
  })
})

it('looks like a message that has just arrived', async () => {
  await afterReading(async (message) => {
    await replayBody(message, Buffer.from('new'))
    const { readable, readableDidRead, readableEnded, destroyed, complete } = message
    expect({ readable, readableDidRead, readableEnded, destroyed, complete }).toEqual({
      readable: true,
      readableDidRead: false,
      readableEnded: false,
      destroyed: false,
      complete: true,
    })
  })
})

it('ends at once without bytes', async () => {
  await afterReading(async (message) => {
    await replayBody(message, Buffer.alloc(0))
    expect(await text(message)).toBe('')
  })
})

it('replays as often as it is asked', async () => {
  await afterReading(async (message) => {
    for (const body of ['one', 'two']) {
      await replayBody(message, Buffer.from(body))
      expect(await text(message)).toBe(body)
    }
  })
})
