import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { requireStreamEnds } from '../../../../src/forward/undici/stream-ends.ts'
import { listening } from '../../../support/listening.ts'

const HEADERS = 1
const DATA = 0
const RESET = 3
const SETTINGS = 4
const END_STREAM = 1
const END_HEADERS = 4

/** An HTTP/2 frame (RFC 9113 section 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const HEAD = frame(HEADERS, END_HEADERS, 1, Buffer.of(0x88))
const data = (flags: number) => frame(DATA, flags, 1, Buffer.from('abc'))
const reset = (code: number) => frame(RESET, 0, 1, Buffer.of(0, 0, 0, code))

/** What the stream tells of an answer that is made of these frames. */
async function eventsOf(frames: readonly Buffer[]): Promise<string[]> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).write(frame(SETTINGS, 0, 0, Buffer.alloc(0)))
    socket.once('data', () => setTimeout(() => socket.write(Buffer.concat(frames)), 50))
  })
  const socket = connect(await listening(server), '127.0.0.1')
  await once(socket, 'connect')
  requireStreamEnds(socket)
  const session = connectHttp2('http://a', { createConnection: () => socket })
  onTestFinished(() => session.destroy())
  const events: string[] = []
  const stream = session.request({ ':path': '/' })
  stream.on('data', () => void events.push('data')).on('end', () => void events.push('end'))
  await once(stream, 'close')
  return events
}

it.each([
  ['that is complete', [HEAD, data(END_STREAM)], ['data', 'end']],
  ['without content', [frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.of(0x88))], ['end']],
  ['that is complete, and then reset', [HEAD, data(END_STREAM), reset(0)], ['data', 'end']],
  ['that is reset with NO_ERROR', [HEAD, data(0), reset(0)], ['data']],
  ['that is reset with CANCEL', [HEAD, data(0), reset(8)], ['data']],
])(
  'T024 an answer over HTTP/2 %s ends well only if its end was said',
  async (_case, frames, expected) => {
    expect(await eventsOf(frames)).toEqual(expected)
  },
)
