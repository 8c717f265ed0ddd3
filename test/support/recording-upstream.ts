import { createServer, type Socket } from 'node:net'
import { freePort } from './listening.ts'
import { parseRequest, type ReceivedRequest } from './strict-parser.ts'

/** Bytes to answer with; text is written as latin1. Undefined: no answer. */
export type Reply = string | Uint8Array | undefined

/** What a recording upstream answers: always the same, or decided by request. */
export type Replier =
  | string
  | Uint8Array
  | ((request: ReceivedRequest, socket: Socket) => Reply | Promise<Reply>)

/** A TCP server that keeps every byte it received. */
export interface RecordingUpstream {
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Requests in the order in which they were complete. Throws what the strict parser said against any bytes. */
  requests(): readonly ReceivedRequest[]
  /** Everything received, a buffer a connection. */
  connections(): readonly Buffer[]
  /** Bytes that belong to no complete request, a buffer a connection that has some. */
  leftovers(): readonly Buffer[]
  close(): Promise<void>
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

interface Connection {
  bytes: Buffer
  /** How many of them belong to complete requests. */
  parsed: number
}

/** Starts a recording upstream on a free port of 127.0.0.1, for bodies of some megabytes at most. */
export async function recordingUpstream(reply: Replier = OK): Promise<RecordingUpstream> {
  const connections: Connection[] = []
  const requests: ReceivedRequest[] = []
  const faults: unknown[] = []
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    const connection = { bytes: Buffer.alloc(0), parsed: 0 }
    connections.push(connection)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A peer that resets the connection is one of the things under test.
    socket.on('error', () => {})
    let turn = Promise.resolve()
    socket.on('data', (chunk: Buffer) => {
      connection.bytes = Buffer.concat([connection.bytes, chunk])
      const answers = takeRequests(connection).map((request) => async () => {
        const bytes = typeof reply === 'function' ? await reply(request, socket) : reply
        if (bytes !== undefined && socket.writable) socket.write(bytes, 'latin1')
      })
      for (const answer of answers) turn = turn.then(answer)
    })
  })

  function takeRequests(connection: Connection): ReceivedRequest[] {
    const taken: ReceivedRequest[] = []
    try {
      for (;;) {
        const request = parseRequest(connection.bytes.subarray(connection.parsed))
        if (request === undefined) break
        connection.parsed += request.bytes.length
        taken.push(request)
      }
    } catch (fault) {
      faults.push(fault)
    }
    requests.push(...taken)
    return taken
  }

  const port = await freePort(server)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests() {
      if (faults.length > 0) throw faults[0]
      return requests
    },
    connections: () => connections.map(({ bytes }) => bytes),
    leftovers: () =>
      connections
        .map(({ bytes, parsed }) => bytes.subarray(parsed))
        .filter((bytes) => bytes.length > 0),
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
