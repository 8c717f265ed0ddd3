import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { closeFrame, createFrameBoundaries } from './frame-boundaries.ts'

/** A connection that has changed to WebSocket, and the one to the upstream that it goes on in. */
export interface Tunnel {
  /** Resolves when both connections have ended. */
  readonly done: Promise<void>
  /**
   * Tells the client that the WebSocket closes (RFC 6455 section 7.4), as soon as no frame of the upstream is under way.
   * The client's answer goes to the upstream; half a second later both connections are destroyed.
   */
  close(code: number): void
  /** Destroys both connections. */
  destroy(): void
}

/** Milliseconds that a close may take. */
const CLOSING = 500
/** Milliseconds that one side may go on when the other has ended. */
const HALF_OPEN = 30_000
/** Milliseconds of silence after which the system asks whether a side is still there. */
const KEEP_ALIVE = 60_000

/** Passes every byte on, both ways with back-pressure. When either connection breaks, both are destroyed. */
export function openTunnel(client: Socket, upstream: Socket): Tunnel {
  const frames = createFrameBoundaries()
  let closing: Buffer | undefined
  let told = false
  let timer: NodeJS.Timeout | undefined

  function limit(milliseconds: number): void {
    clearTimeout(timer)
    timer = setTimeout(destroy, milliseconds)
  }
  function destroy(): void {
    client.destroy()
    upstream.destroy()
  }
  function tell(): void {
    told = true
    client.write(closing as Buffer)
    // nobody hears what the upstream still says, but it has to be read until it ends
    upstream.resume()
  }
  function toClient(chunk: Buffer): void {
    if (told) return
    const boundary = frames.follow(chunk)
    const ends = closing && boundary >= 0
    if (!client.write(ends ? chunk.subarray(0, boundary) : chunk)) upstream.pause()
    if (ends) tell()
  }
  for (const side of [client, upstream]) {
    side.on('error', () => {})
    side.once('end', () => {
      if (!closing) limit(HALF_OPEN)
    })
    side.setKeepAlive(true, KEEP_ALIVE).setNoDelay(true)
    // each side ends when it has heard all of the other
    side.allowHalfOpen = true
  }
  client.on('drain', () => upstream.resume())
  upstream.on('data', toClient).on('end', () => client.end())
  client.pipe(upstream)
  upstream.resume()

  const done = Promise.all([endOf(client, destroy), endOf(upstream, destroy)]).then(() =>
    clearTimeout(timer),
  )
  return {
    done,
    destroy,
    close(code) {
      if (closing) return
      closing = closeFrame(code)
      limit(CLOSING)
      if (frames.atBoundary) tell()
    },
  }
}

/** Resolves when a side is closed; tells when it broke before both had ended. */
function endOf(side: Duplex, broke: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ended = () => {
    if (!side.readableEnded || !side.writableFinished) broke()
    resolve()
  }
  if (side.closed) ended()
  else side.once('close', ended)
  return promise
}
