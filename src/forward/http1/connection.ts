import type { Socket } from 'node:net'
import type { ConnectionFactory } from '../connection.ts'
import { isArriving } from '../outgoing-request.ts'
import { malformed, wireError } from '../wire-error.ts'
import {
  controlOf,
  createExchange,
  type Exchange,
  isSent,
  sendRequest,
  stopExchange,
} from './exchange.ts'
import { createIdleTimer } from './idle-timer.ts'
import type { Http1Head } from './response-head.ts'
import { createResponseParser } from './response-parser.ts'
import { createWire } from './wire.ts'

/**
 * Creates a connection that speaks HTTP/1.1 (RFC 9112), one exchange after the other. It serves another only when every
 * byte of the last has been said and read, and none besides.
 */
export const createHttp1Connection: ConnectionFactory = ({ timeouts }, address, connect, hooks) => {
  let exchange: Exchange | undefined
  /** The head of a change of protocol. */
  let changeHead: Http1Head | undefined
  /** What is being read of the content: its last is told along with the end. */
  let content: Buffer | undefined
  let users = 0
  let hasServed = false
  let hasHeard = false
  const idle = createIdleTimer(timeouts.idle, () => {
    if (!exchange) wire.drop()
  })
  const wire = createWire(address, connect, {
    onOpen: () => hooks.onOpen(false),
    onClose() {
      idle.stop()
      hooks.onClose()
    },
    onData,
    onEnd,
    onError,
  })
  const parser = createResponseParser({
    onHead(head) {
      if (head.status === 101) changeHead = head
      // whoever gave it up at the head before hears no more, nor does the next
      else if (head.status !== 100 && exchange?.socket) exchange.handler.onHead(head)
    },
    onData(chunk) {
      content = chunk
    },
  })

  function start(begun: Exchange): void {
    if (exchange !== begun) return
    try {
      const socket = wire.socket()
      if (socket) send(begun, socket)
      else open(begun)
    } catch (error) {
      fail(begun, error as Error)
    }
  }
  function open(begun: Exchange): void {
    hasServed = false
    const isWanted = () => exchange === begun
    wire.open(isWanted, (error) => (error ? fail(begun, error) : start(begun)))
  }
  function send(begun: Exchange, to: Socket): void {
    begun.handler.onStart(controlOf(begun, () => giveUp(begun)))
    if (exchange !== begun) return
    parser.begin(begun.request.method)
    if (isArriving(begun.request.body)) {
      wire.surviveWriteFaults(() => exchange?.writer?.stop())
    }
    sendRequest(begun, to, (error) => fail(begun, error))
  }

  function onData(bytes: Buffer): void {
    hasHeard = true
    const current = exchange
    // what comes before a request is no answer to it
    if (!current?.socket) {
      wire.drop()
      return
    }
    try {
      content = undefined
      const end = parser.read(bytes)
      if (exchange !== current) return
      if (parser.isSwitched) change(current, bytes.subarray(end))
      else if (parser.isOver) complete(current, end === bytes.length, content)
      else if (content) current.handler.onData(content)
    } catch (error) {
      fail(current, error as Error)
    }
  }
  function onEnd(): void {
    const current = exchange
    if (!current?.socket) {
      wire.drop()
      return
    }
    try {
      parser.end()
      // what ends with the connection may have lost its end
      if (wire.isCutOff()) throw wireError('UPSTREAM_RESET', 'expected the end of an answer')
      complete(current, false, undefined)
    } catch (error) {
      fail(current, error as Error)
    }
  }
  function onError(error: Error): void {
    if (exchange?.socket) fail(exchange, error)
    else wire.drop()
  }
  function complete(done: Exchange, isAllRead: boolean, last: Buffer | undefined): void {
    const framing = parser.framing
    const mayServe = isAllRead && isSent(done) && !done.head.isLast && framing?.keepsAlive
    end(done)
    if (!mayServe || !idle.start(framing.idle)) wire.drop()
    done.handler.onEnd(last)
  }
  function change({ request, handler }: Exchange, rest: Buffer): void {
    if (!request.upgrade) throw malformed('no change of protocol')
    const changed = wire.handOver(rest)
    exchange = undefined
    try {
      handler.onUpgrade(changeHead as Http1Head, changed)
    } catch (error) {
      changed.destroy()
      throw error
    }
  }
  function fail(failed: Exchange, error: Error): void {
    giveUp(failed)
    if (!failed.isAborted) failed.handler.onError(error)
  }
  function giveUp(failed: Exchange): void {
    if (exchange !== failed) return
    end(failed)
    wire.drop()
  }
  function end(ended: Exchange): void {
    exchange = undefined
    stopExchange(ended)
  }
  return {
    dispatch(request, handler) {
      try {
        exchange = createExchange(request, handler)
      } catch (error) {
        handler.onError(error as Error)
        return
      }
      // the other side may have closed, or said what nobody asked for, and that not have been read yet
      if (wire.socket()) setImmediate(start, exchange)
      else start(exchange)
    },
    begin() {
      users += 1
      hasHeard = false
    },
    end(outcome) {
      users -= 1
      hasServed ||= outcome === 'ok'
    },
    users: () => users,
    isOpen: () => wire.socket() !== undefined,
    wasOpen: wire.wasOpen,
    isStale: () => hasServed && !hasHeard,
    isSilent: () => false,
    destroy() {
      if (exchange) fail(exchange, wireError('UPSTREAM_DESTROYED', 'expected a connection to stay'))
      else wire.drop()
    },
  }
}
