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
  // no Set: one whose members come and go leaves tables behind that keep what was in them from being collected early
  const watched: Watched[] = []
  const timer = setInterval(() => {
    const [at, limits] = [monotonic(), timeouts()]
    for (const each of [...watched]) look(each, at, limits)
  }, EVERY).unref()

  function remove(each: Watched): void {
    const { index } = each
    // an answer that is abandoned is told of twice
    if (watched[index] !== each) return
    const last = watched.pop() as Watched
    if (last === each) return
    last.index = index
    watched[index] = last
  }
  return {
    watch(exchange) {
      const each: Watched = {
        exchange,
        index: watched.length,
        isBodyWanted: false,
        arriving: { since: 0, bytes: undefined },
        leaving: { since: 0, bytes: undefined },
        wantsBody() {
          each.isBodyWanted = true
        },
      }
      watched.push(each)
      exchange.response.on('close', () => remove(each))
      return each
    },
    stop: () => clearInterval(timer),
  }
}

/** An exchange and what was seen of it. */
interface Watched extends WatchedClient {
  readonly exchange: Exchange
  /** Where it stands among the others. */
  index: number
  isBodyWanted: boolean
  readonly arriving: Progress
  readonly leaving: Progress
}

/** How far something had come at the last look; undefined bytes: it was not under way. */
interface Progress {
  bytes: number | undefined
  /** Since when it stands there. */
  since: number
}

function look(
  { exchange, isBodyWanted, arriving, leaving }: Watched,
  at: number,
  limits: ClientTimeouts,
): void {
  const { message } = exchange
  const { socket } = message
  // what is not taken from the message is not asked of the client
  const isRead = message.readableLength < message.readableHighWaterMark
  const isAwaited = isBodyWanted && !message.complete && isRead
  if (stoodStill(arriving, isAwaited ? socket.bytesRead : undefined, at) >= limits.body) {
    exchange.fail(lateBody(limits.body))
  }
  const sent = socket.writableLength > 0 ? bytesSent(socket) : undefined
  if (stoodStill(leaving, sent, at) >= limits.write) {
    exchange.fail(lateReader(limits.write))
    socket.destroy()
  }
}

/** Milliseconds for which a progress has stood still; undefined is no standstill. */
function stoodStill(progress: Progress, bytes: number | undefined, at: number): number {
  if (bytes === undefined || bytes !== progress.bytes) progress.since = at
  progress.bytes = bytes
  return at - progress.since
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
