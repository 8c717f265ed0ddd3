import { createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { createVerifier } from 'fast-jwt'
import { connectionLines, headerAliases, keptLines } from '../../support/arbitrary-fields.ts'
import { mutated } from '../../support/arbitrary-mutation.ts'
import { hmacSecret } from '../../support/keys.ts'
import { freePort } from '../../support/listening.ts'
import { startProxy } from '../../support/proxy.ts'
import { rawRequest } from '../../support/raw-client.ts'
import { parseRequest, type ReceivedRequest } from '../../support/strict-parser.ts'
import { acceptOf } from '../../support/web-socket.ts'
import { fuzz } from '../fuzz-kind.ts'

/** What a client sends to open a WebSocket, and in it. */
interface Opening {
  readonly head: string
  readonly rest: string
}

const WORDS = [
  'Upgrade: h2c\r\n',
  'Connection: upgrade\r\n',
  'websocket',
  ', ',
  'Sec-WebSocket-Key: x\r\n',
  '13',
  'Content-Length: 4\r\n',
  'Transfer-Encoding: chunked\r\n',
]
const usual = <Value>(value: Value, ...others: Value[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(value) }, fc.constantFrom(...others))

const head = fc
  .tuple(
    usual('GET', 'POST', 'HEAD', 'CONNECT'),
    fc.constantFrom('/open', '/open?a=1', '/shut'),
    usual('1.1', '1.0'),
    usual(
      ['Upgrade: websocket'],
      ['Upgrade: WebSocket'],
      ['Upgrade: h2c'],
      ['Upgrade: websocket, h2c'],
      [],
    ),
    usual(
      ['Connection: Upgrade'],
      ['Connection: keep-alive, upgrade'],
      ['Connection: close, upgrade'],
      [],
    ),
    usual(['Sec-WebSocket-Version: 13'], ['Sec-WebSocket-Version: 12'], []),
    usual(['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='], ['Sec-WebSocket-Key: short'], []),
    fc.array(
      fc.oneof(
        keptLines,
        connectionLines,
        headerAliases('authorization').map((alias) => `${alias}: CLIENT`),
        headerAliases('sec-websocket-key').map((alias) => `${alias}: dGhlIHNhbXBsZSBub25jZQ==`),
        fc.constantFrom('Content-Length: 0', 'HTTP2-Settings: AA'),
        fc.constantFrom(
          'Sec-WebSocket-Protocol: chat',
          'Sec-WebSocket-Extensions: permessage-deflate',
          'Origin: http://a',
        ),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([method, path, version, ...lines]) => {
    return `${method} ${path} HTTP/${version}\r\n${['Host: a', ...lines.flat()].join('\r\n')}\r\n\r\n`
  })

const GET = 'GET /open HTTP/1.1\r\nHost: a\r\n\r\n'

/** Requests to change to a WebSocket: one that does has our token alone, and every byte in it comes through. */
export const upgrades = fuzz<Opening>({
  name: 'upgrades',
  inputs: fc.record({
    head: fc.oneof(head, mutated(head, WORDS, 2)),
    rest: fc.oneof(
      fc.constantFrom('', '\x88\x80mask', GET, `\x81\x85mask${'x'.repeat(5)}`),
      fc.string({ maxLength: 200, unit: 'binary-ascii' }),
    ),
  }),
  found: [],
  usual: ['426', 'opened'],
  limit: 1000,
  async start() {
    const secret = hmacSecret()
    const verify = createVerifier({ key: secret, algorithms: ['HS256'] })
    let seen: ReceivedRequest[] = []
    let fault: unknown
    const upstream = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      serve(socket, (request) => seen.push(request)).catch((error: unknown) => {
        fault = error
        socket.destroy()
      })
    })
    const url = `http://127.0.0.1:${await freePort(upstream)}`
    const proxy = await startProxy({
      policies:
        'name: p\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: us }\n',
      gateway: JSON.stringify({
        routes: [
          {
            name: 'open',
            match: { path: '/open' },
            upstream: { url, breaker: 'off' },
            upgrades: ['websocket'],
          },
          { name: 'shut', match: { path: '/shut' }, upstream: { url, breaker: 'off' } },
        ],
      }),
      variables: { SECRET: secret },
    })
    return {
      async check(input) {
        seen = []
        const bytes = Buffer.from(input.head + input.rest, 'latin1')
        const reply = await rawRequest(proxy.port, bytes, { halfClose: true, timeout: 10_000 })
        if (fault !== undefined) throw fault
        if (reply.ended === 'timeout') throw new Error('expected the exchange to end')
        for (const request of seen) checkRequest(request, verify)
        if (reply.status !== 101) {
          if (reply.text.includes('HTTP/1.1 101')) throw new Error('expected no change of protocol')
          return String(reply.status)
        }
        const [request] = seen
        if (request === undefined || !opens(request) || seen.length > 1) {
          throw new Error('expected one request for a WebSocket')
        }
        const echoed = reply.bytes.subarray(reply.bytes.indexOf('\r\n\r\n') + 4)
        if (!bytes.subarray(-echoed.length || bytes.length).equals(echoed)) {
          throw new Error('expected the bytes in the WebSocket as they were sent')
        }
        return 'opened'
      },
      async close() {
        await proxy.close()
        upstream.close()
      },
    }
  },
})

/** Answers one request a connection: opens a WebSocket that says all again when it was asked to. */
async function serve(socket: Socket, tell: (request: ReceivedRequest) => void): Promise<void> {
  let bytes: Buffer = Buffer.alloc(0)
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk])
    const request = parseRequest(bytes)
    if (request === undefined) continue
    tell(request)
    if (!opens(request)) {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      return
    }
    const [key = ''] = request.values('sec-websocket-key')
    const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}`
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`)
    socket.write(bytes.subarray(request.bytes.length))
    socket.pipe(socket)
    return
  }
}

function opens({ method, values }: ReceivedRequest): boolean {
  return (
    method === 'GET' &&
    values('upgrade').join() === 'websocket' &&
    values('connection').join().toLowerCase() === 'upgrade'
  )
}

function checkRequest(
  { bytes, values, headers }: ReceivedRequest,
  verify: (token: string) => { sub?: string },
): void {
  const owned = headers.filter(([name]) => /^[^a-z0-9]*authorization[^a-z0-9]*$/i.test(name))
  const [token = ''] = values('authorization').map((value) => value.slice('Bearer '.length))
  if (owned.length !== 1 || verify(token).sub !== 'us') throw new Error('expected our token alone')
  if (bytes.includes('authorization: CLIENT')) throw new Error('expected no value of the client')
  if (values('upgrade').length > 0 && values('sec-websocket-key').length !== 1)
    throw new Error('expected one key')
}
