import { createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { mutated } from '../../support/arbitrary-mutation.ts'
import { hmacSecret } from '../../support/keys.ts'
import { freePort } from '../../support/listening.ts'
import { startProxy } from '../../support/proxy.ts'
import { type RawReply, rawRequest } from '../../support/raw-client.ts'
import { type Answer, readAnswer } from '../../support/read-answer.ts'
import { fuzz } from '../fuzz-kind.ts'

/** What an upstream does with a request. */
interface Behaviour {
  readonly method: string
  readonly pieces: readonly string[]
  readonly end: 'end' | 'reset'
}

const WORDS = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  '0\r\n\r\n',
  '099',
  '999',
  'Trailer: x\r\n',
]

const statuses = fc.oneof(
  { weight: 3, arbitrary: fc.constant('200 OK') },
  fc.constantFrom(
    '204 No',
    '304 Not',
    '206 P',
    '404 N',
    '500 I',
    '103 Early Hints',
    '101 S',
    '199 x',
    '600 x',
    '200',
    '302 F',
  ),
)
const lines = fc.constantFrom(
  ...[
    'Connection: close',
    'Connection: x-a',
    'X-A: b',
    'Trailer: x-t',
    'Keep-Alive: timeout=1',
    'Content-Type: text/html',
  ],
  ...[
    'Set-Cookie: a=b',
    'Set-Cookie: c=d',
    'Location: http://evil/',
    'Upgrade: websocket',
    '__proto__: 1',
    'Date: x',
  ],
  ...[
    'Content-Encoding: gzip',
    'Transfer-Encoding: gzip',
    'Content-Length: 4',
    `X-Long: ${'x'.repeat(3000)}`,
  ],
)
const bodies = fc.oneof(
  fc
    .stringMatching(/^[a-z]{0,40}$/)
    .map((text) => ({ line: `Content-Length: ${text.length}`, text })),
  fc
    .tuple(fc.stringMatching(/^[a-z]{1,40}$/), fc.integer({ min: -5, max: 9 }))
    .map(([text, off]) => ({
      line: `Content-Length: ${Math.max(0, text.length + off)}`,
      text,
    })),
  fc.array(fc.stringMatching(/^[a-z]{1,20}$/), { maxLength: 4 }).map((chunks) => ({
    line: 'Transfer-Encoding: chunked',
    text: `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`,
  })),
  fc.stringMatching(/^[a-z]{0,40}$/).map((text) => ({ line: '', text })),
)
const message = fc
  .tuple(statuses, fc.array(lines, { maxLength: 3 }), bodies)
  .map(([status, list, { line, text }]) => {
    return [`HTTP/1.1 ${status}`, ...list, ...(line === '' ? [] : [line]), '', text].join('\r\n')
  })
const early = fc.constantFrom(
  '',
  '',
  '',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 E\r\nLink: </a>\r\n\r\n',
)

const inputs: fc.Arbitrary<Behaviour> = fc
  .tuple(
    fc.constantFrom('GET', 'GET', 'HEAD', 'POST'),
    fc.tuple(early, fc.oneof(message, mutated(message, WORDS))).map((parts) => parts.join('')),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 }),
    fc.constantFrom('end', 'end', 'reset' as const),
  )
  .map(([method, bytes, cuts, end]) => {
    const places = cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((a, b) => a - b)
    const pieces = [0, ...places].map((at, index) => bytes.slice(at, places[index]))
    return { method, pieces, end: end as Behaviour['end'] }
  })

/** Answers of an upstream: the client gets them whole, or sees that it did not. */
export const answers = fuzz<Behaviour>({
  name: 'answers',
  inputs,
  found: [],
  usual: ['502', 'passed on'],
  limit: 1000,
  async start() {
    let answer: Behaviour | undefined
    const sockets = new Set<Socket>()
    const upstream = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
      socket.once('data', () => void give(socket, answer as Behaviour))
    })
    const url = `http://127.0.0.1:${await freePort(upstream)}`
    const secret = hmacSecret()
    const proxy = await startProxy({
      policies: 'name: p\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300 }\n',
      // an upstream that is always at fault would be left alone
      gateway: JSON.stringify({ routes: [{ name: 'all', upstream: { url, breaker: 'off' } }] }),
      variables: { SECRET: secret },
    })
    return {
      async check(input) {
        answer = input
        const body = input.method === 'POST' ? 'Content-Length: 2\r\n\r\nhi' : '\r\n'
        const bytes = `${input.method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${body}`
        const reply = await rawRequest(proxy.port, bytes, { timeout: 10_000 })
        for (const socket of sockets) socket.destroy()
        return judge(input, reply)
      },
      async close() {
        await proxy.close()
        upstream.close()
      },
    }
  },
})

async function give(socket: Socket, { pieces, end }: Behaviour): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return
    await new Promise((resolve) => socket.write(piece, 'latin1', resolve))
  }
  if (end === 'reset') socket.resetAndDestroy()
  else socket.end()
}

/** Compares what the client can take for an answer with what a strict reader takes from the upstream's bytes. */
function judge({ method, pieces, end }: Behaviour, reply: RawReply): string {
  if (reply.ended === 'timeout') throw new Error('expected the exchange to end')
  const read = readAnswer(reply.bytes, method, reply.ended === 'closed')
  if (read === undefined) return 'broken off'
  const { answer: got, rest } = read
  if (rest.length > 0) throw new Error('expected one answer')
  if (isOurs(got)) return String(got.status)
  const meant = strictly(pieces.join(''), method, end)
  if (meant === undefined) throw new Error('a whole answer was made of a broken one')
  if (meant.status !== got.status || !meant.body.equals(got.body)) {
    throw new Error('expected the status and body of the upstream')
  }
  return 'passed on'
}

function strictly(bytes: string, method: string, end: Behaviour['end']): Answer | undefined {
  try {
    // empty lines before an answer, also after an interim one, are skipped (RFC 9112 section 2.2 for requests)
    const message = bytes.replace(/(^|\r\n\r\n)[\r\n]+(?=HTTP\/1)/g, '$1')
    return readAnswer(Buffer.from(message, 'latin1'), method, end === 'end')?.answer
  } catch {
    return undefined
  }
}

function isOurs({ headers }: Answer): boolean {
  return headers.some(([, value]) => value === 'application/problem+json')
}
