import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { filterContinue } from '../../../../src/forward/undici/continue-filter.ts'
import { listening } from '../../../support/listening.ts'

/** A socket, and the one that writes to it. */
async function pair() {
  const server = createServer()
  const socket = connect(await listening(server), '127.0.0.1')
  const [peer] = (await once(server, 'connection')) as [Socket]
  onTestFinished(() => void socket.destroy())
  return { socket, peer: peer.setNoDelay(true) }
}

/** What is read of these pieces, each written when the one before has been read. */
async function readThrough(pieces: readonly string[]) {
  const { socket, peer } = await pair()
  const filter = filterContinue(socket)
  let text = ''
  let arrived = 0
  socket.on('readable', () => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      text += chunk.toString('latin1')
    }
  })
  for (const piece of pieces) {
    arrived += piece.length
    peer.write(piece, 'latin1')
    while (socket.bytesRead < arrived) await new Promise((resolve) => setImmediate(resolve))
  }
  peer.end()
  await once(socket, 'end')
  return { text, filter }
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-length: ${CONTINUE.length}\r\n\r\n${CONTINUE}`

it.each<[string, string, string]>([
  ['nothing before an answer', ANSWER, ANSWER],
  ['one 100', CONTINUE + ANSWER, ANSWER],
  ['several', CONTINUE + CONTINUE + ANSWER, ANSWER],
  ['one with fields', `HTTP/1.1 100 Go\r\na: b\r\nc: d\r\n\r\n${ANSWER}`, ANSWER],
  ['one of HTTP/1.0', `HTTP/1.0 100 Continue\r\n\r\n${ANSWER}`, ANSWER],
  ['one between hints', HINTS + CONTINUE + HINTS + ANSWER, HINTS + HINTS + ANSWER],
  [
    'none where the protocol changes',
    `HTTP/1.1 101 Go\r\n\r\n${CONTINUE}`,
    `HTTP/1.1 101 Go\r\n\r\n${CONTINUE}`,
  ],
  ['none in what is no HTTP', `HTTP/1.1 1${CONTINUE}`, `HTTP/1.1 1${CONTINUE}`],
  [
    'none that does not end',
    `HTTP/1.1 100 ${'a'.repeat(20_000)}`,
    `HTTP/1.1 100 ${'a'.repeat(20_000)}`,
  ],
])('takes out %s', async (_case, sent, expected) => {
  expect((await readThrough([sent])).text).toBe(expected)
})

it('T038 finds 100 wherever the bytes are cut', async () => {
  const sent = HINTS + CONTINUE + ANSWER
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: sent.length - 1 }), { maxLength: 6 }),
      async (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), sent.length]
        const pieces = edges.slice(1).map((end, index) => sent.slice(edges[index], end))
        expect((await readThrough(pieces)).text).toBe(HINTS + ANSWER)
      },
    ),
    { numRuns: 40 },
  )
})

it('hears bytes of which none is passed on', async () => {
  const { text, filter } = await readThrough(['HTTP/1.'])
  expect(text).toBe('')
  expect(filter.heard()).toBe(true)
  filter.expectHead()
  expect(filter.heard()).toBe(false)
})
