import type { Socket } from 'node:net'
import type { ExchangeControl, ExchangeHandler } from '../exchange-handler.ts'
import type { OutgoingRequest } from '../outgoing-request.ts'
import { type BodyWriter, writeBody } from './body-writer.ts'
import { type RequestHead, requestHead } from './request-head.ts'

/** One exchange over a connection. */
export interface Exchange {
  readonly request: OutgoingRequest
  readonly head: RequestHead
  readonly handler: ExchangeHandler
  /** Where the request went; absent until it is sent. */
  socket: Socket | undefined
  writer: BodyWriter | undefined
  isPaused: boolean
  /** True when its handler has given it up, and hears no more of it. */
  isAborted: boolean
}

/** An exchange of which nothing is sent. Throws what `requestHead` throws. */
export function createExchange(request: OutgoingRequest, handler: ExchangeHandler): Exchange {
  const head = requestHead(request)
  return {
    request,
    head,
    handler,
    socket: undefined,
    writer: undefined,
    isPaused: false,
    isAborted: false,
  }
}

/** What its handler can do with it; to abort it is to call `giveUp`. */
export function controlOf(exchange: Exchange, giveUp: () => void): ExchangeControl {
  return {
    // no getter: it would give each object a shape of its own, which V8 keeps until a major collection
    isPaused: () => exchange.isPaused,
    pause() {
      exchange.isPaused = true
      exchange.socket?.pause()
    },
    resume() {
      if (!exchange.isPaused) return
      exchange.isPaused = false
      exchange.socket?.resume()
    },
    abort() {
      exchange.isAborted = true
      giveUp()
    },
  }
}

/** Writes the request, its body as that comes; `onError` hears when the body fails. */
export function sendRequest(
  exchange: Exchange,
  socket: Socket,
  onError: (error: Error) => void,
): void {
  const { request, head } = exchange
  const { body } = request
  const { text, length } = head
  exchange.socket = socket
  if (body === null) {
    socket.write(text, 'latin1')
    return
  }
  socket.cork()
  socket.write(text, 'latin1')
  if (Buffer.isBuffer(body)) {
    socket.write(body)
    socket.uncork()
  } else {
    exchange.writer = writeBody(socket, { body, length, onError })
    // what there is of the body leaves with the head, and flows after this turn
    process.nextTick(() => process.nextTick(() => socket.uncork()))
  }
}

/** True when all of the request has left. */
export function isSent({ socket, writer }: Exchange): boolean {
  return socket?.writableLength === 0 && writer?.isOver() !== false
}

/** Sends nothing more of it, and lets the socket be read on. */
export function stopExchange(exchange: Exchange): void {
  exchange.writer?.stop()
  if (exchange.isPaused) exchange.socket?.resume()
  // its handler may still hold it
  exchange.socket = undefined
}
