import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** How to write, and when to stop reading. */
export interface RawOptions {
  /** Milliseconds between two pieces. Default 0. */
  readonly pause?: number
  /** True ends our side after the last piece; the reply is still read. */
  readonly halfClose?: boolean
  /** Stops reading as soon as this holds for the reply so far; without it, when the server closes. */
  readonly until?: (reply: string) => boolean
  /** Milliseconds after which reading stops. Default 5000. */
  readonly timeout?: number
}

/** What came back. */
export interface RawReply {
  readonly bytes: Buffer
  /** The bytes as latin1. */
  readonly text: string
  /** Status of the first response line; 0 when there is none. */
  readonly status: number
  /** What ended the reading. */
  readonly ended: 'closed' | 'reset' | 'until' | 'timeout'
}

/** Writes exactly these pieces to 127.0.0.1, text as latin1, and reads what comes back. */
export async function rawRequest(
  port: number,
  pieces: string | Uint8Array | readonly (string | Uint8Array)[],
  { pause = 0, halfClose = false, until, timeout = 5_000 }: RawOptions = {},
): Promise<RawReply> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  let bytes: Buffer = Buffer.alloc(0)
  const { promise, resolve } = Promise.withResolvers<RawReply['ended']>()
  const timer = setTimeout(() => resolve('timeout'), timeout)
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    if (until?.(bytes.toString('latin1'))) resolve('until')
  })
  socket.on('end', () => resolve('closed'))
  socket.on('close', () => resolve('closed'))
  socket.on('error', () => resolve('reset'))

  const list = Array.isArray(pieces) ? pieces : [pieces]
  for (const [index, piece] of list.entries()) {
    if (index > 0) await wait(pause)
    if (socket.writable) socket.write(piece, 'latin1')
  }
  if (halfClose) socket.end()

  const ended = await promise
  clearTimeout(timer)
  socket.destroy()
  const text = bytes.toString('latin1')
  return { bytes, text, ended, status: Number(/^HTTP\/1\.[01] ([0-9]{3})/.exec(text)?.[1] ?? 0) }
}
