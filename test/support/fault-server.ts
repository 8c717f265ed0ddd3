import { once } from 'node:events'
import { connect, createServer as createNetServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { afterThisTest } from './after-test.ts'
import type { TestCertificate } from './certificate.ts'
import { startChildUpstream } from './child-upstream.ts'
import { freePort } from './listening.ts'

/** What an upstream does wrong; each is an upstream that has this fault and no other. */
export type Fault = keyof typeof FAULTS

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'

const FAULTS = {
  /** Nobody listens on the port. */
  refused: () => undefined,
  /** Connections are not accepted, as the queue of a stopped process is full. */
  'black hole': () => undefined,
  'reset on connect': (socket) => void socket.resetAndDestroy(),
  'reset after the request': (socket) => answer(socket, () => socket.resetAndDestroy()),
  'reset after the head': (socket) => answer(socket, () => resetAfter(socket, HEAD)),
  'reset in the body': (socket) => answer(socket, () => resetAfter(socket, `${HEAD}some`)),
  'stall before the head': (socket) => answer(socket, () => {}),
  'stall in the body': (socket) => answer(socket, () => socket.write(`${HEAD}some`)),
  /** Ends its side without an answer, and goes on reading. */
  'half-close': (socket) => answer(socket, () => socket.end()),
  'half-close in the body': (socket) => answer(socket, () => socket.end(`${HEAD}some`)),
  'a byte a second of the head': (socket) => answer(socket, () => trickle(socket, HEAD)),
  'a byte a second of the body': (socket) =>
    answer(socket, () => void socket.write(HEAD, () => trickle(socket, 'x'.repeat(1000)))),
  /** Accepts, and never answers the ClientHello. */
  'TLS stall': (socket) => void socket.resume(),
} as const satisfies Readonly<Record<string, (socket: Socket) => unknown>>

/** Starts an upstream with a fault until the test has finished; gives the port that it is to be reached at. */
export async function startFault(fault: Fault): Promise<number> {
  if (fault === 'black hole') return await blackHole()
  const server = createNetServer({ allowHalfOpen: true }, (socket) => {
    // a peer that goes away first is none of the faults
    socket.on('error', () => {})
    FAULTS[fault](socket)
  })
  const port = await serve(server)
  if (fault === 'refused') server.close()
  return port
}

/** Starts a TLS upstream that answers 200 with this certificate until the test has finished; gives its port. */
export async function startTlsUpstream(certificate: TestCertificate): Promise<number> {
  const server = createTlsServer(certificate, (socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  })
  server.on('tlsClientError', () => {})
  return await serve(server)
}

async function serve(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const port = await freePort(server)
  afterThisTest(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return port
}

/** Two connections fill the queue of one; nobody hears of the next. */
async function blackHole(): Promise<number> {
  const upstream = await startChildUpstream({ backlog: 1 })
  upstream.signal('SIGSTOP')
  for (let filled = 0; filled < 2; filled += 1) {
    const socket = connect(upstream.port, '127.0.0.1').on('error', () => {})
    afterThisTest(() => socket.destroy())
    await once(socket, 'connect')
  }
  return upstream.port
}

/** Calls `then` for each request, whose head comes in one piece from the proxy. */
function answer(socket: Socket, then: () => unknown): void {
  socket.on('data', (bytes) => {
    if (/^[A-Z]+ \//.test(bytes.toString('latin1'))) then()
  })
}

function resetAfter(socket: Socket, text: string): void {
  socket.write(text, async () => {
    // bytes that a reset overtakes are not read
    await wait(20)
    socket.resetAndDestroy()
  })
}

async function trickle(socket: Socket, text: string): Promise<void> {
  for (const character of text) {
    if (socket.destroyed) return
    socket.write(character)
    await wait(1000)
  }
}
