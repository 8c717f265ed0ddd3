import type { Socket } from 'node:net'
import type { ClientTimeouts } from '../../compiled.ts'
import { CountersignError } from '../../errors.ts'
import type { Exchange } from './exchange.ts'

/** Ends exchanges whose clients have stopped taking part in them. */
export interface ClientWatch {
  /** Watches an exchange until its answer has been handed over. */
  watch(exchange: Exchange): WatchedClient
  stop(): void
}

/** The client of one exchange. */
export interface WatchedClient {
  /** The client may send its body from now on. */
  wantsBody(): void
}

/** Milliseconds between two looks at every exchange: a limit may be passed by so much. */
const EVERY = 1000

/**
 * Fails an exchange with `request/timeout` when nothing of a body comes for `timeouts.body`, with `request/aborted`
 * when nothing of what waits for the client is read for `timeouts.write`. Does not keep the process alive.
 */
export function startClientTimeouts(
  monotonic: () => number,
  timeouts: () => ClientTimeouts,
): ClientWatch {
  const looks = new Set<(at: number, limits: ClientTimeouts) => void>()
  const timer = setInterval(() => {
    const [at, limits] = [monotonic(), timeouts()]
    for (const look of looks) look(at, limits)
  }, EVERY).unref()
  return {
    watch(exchange) {
      const { message, response } = exchange
      const { socket } = message
      let isBodyWanted = false
      const arriving = stall(() => {
        // what is not taken from the message is not asked of the client
        const isRead = message.readableLength < message.readableHighWaterMark
        return isBodyWanted && !message.complete && isRead ? socket.bytesRead : undefined
      })
      const leaving = stall(() => (socket.writableLength > 0 ? bytesSent(socket) : undefined))
      function look(at: number, limits: ClientTimeouts): void {
        if (arriving(at) >= limits.body) exchange.fail(lateBody(limits.body))
        if (leaving(at) >= limits.write) {
          exchange.fail(lateReader(limits.write))
          socket.destroy()
        }
      }
      looks.add(look)
      response.once('close', () => looks.delete(look))
      return {
        wantsBody() {
          isBodyWanted = true
        },
      }
    },
    stop: () => clearInterval(timer),
  }
}

/** Milliseconds for which a progress has stood still at the time of each look; undefined is no standstill. */
function stall(progress: () => number | undefined): (at: number) => number {
  let last: number | undefined
  let since = 0
  return (at) => {
    const now = progress()
    if (now === undefined || now !== last) since = at
    last = now
    return at - since
  }
}

/**
 * Bytes that the system has taken; `bytesWritten` counts those that wait in libuv as well. Undefined where that cannot
 * be told, and nobody is blamed.
 */
function bytesSent(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle?: Handle | null }
  // that of TLS stands still while what it has encrypted is sent
  const system = handle?._parent ?? handle
  return system ? system.bytesWritten - system.writeQueueSize : undefined
}

/** What `net.Socket` itself looks at to tell whether a write makes progress. */
interface Handle {
  readonly bytesWritten: number
  readonly writeQueueSize: number
  /** Of TLS: what the system knows of. */
  readonly _parent?: Handle
}

function lateBody(milliseconds: number): CountersignError {
  return new CountersignError('request/timeout', `expected more of the body in ${milliseconds} ms`)
}

function lateReader(milliseconds: number): CountersignError {
  return new CountersignError(
    'request/aborted',
    `expected the answer to be read in ${milliseconds} ms`,
  )
}
