import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Environment } from '../../environment.ts'
import { CountersignError } from '../../errors.ts'
import { clientGone } from '../../http/index.ts'
import type { Observer } from '../../observe.ts'
import { startTrace, type TracedMessage } from '../trace.ts'
import type { Exchange } from './exchange.ts'
import { type ConnectionFault, connectionError, refuseSocket } from './refuse-socket.ts'

/** What is known of the connections that messages break on. */
export interface BrokenMessageOptions {
  readonly environment: Environment
  readonly observe: Observer
  /** The latest exchange of a connection; answers go out in the order of requests. */
  latest(socket: Duplex): Exchange | undefined
}

/** Answers on a server what never becomes a message, breaks while it arrives, or is `CONNECT`. */
export function refuseBrokenMessages(server: Server, options: BrokenMessageOptions): void {
  const { environment, observe, latest } = options
  /** Those that something malformed follows on the connection. */
  const broken = new WeakSet<Exchange>()
  server.on('clientError', onClientError)
  server.on('connect', onConnect)

  function refuse(error: CountersignError, socket: Duplex, message: TracedMessage = {}): void {
    // what still arrives on a connection that was refused is not told again
    if (!socket.writable) return
    const trace = startTrace(message, environment)
    refuseSocket(error, socket, { requestId: trace.requestId, now: environment.now() })
    observe(trace.finished(error.status, error))
  }

  function onClientError(thrown: Error & ConnectionFault, socket: Duplex): void {
    // the connection itself broke, or never spoke TLS as we do: nobody is left to answer
    if ('syscall' in thrown || /^(?:ECONNRESET$|ERR_(?:SSL|TLS)_)/.test(thrown.code ?? '')) {
      socket.destroy()
      return
    }
    const error = connectionError(thrown)
    const exchange = latest(socket)
    if (!exchange || exchange.response.closed) {
      refuse(error, socket)
    } else if (!exchange.message.complete) {
      const ended = thrown.code === 'HPE_INVALID_EOF_STATE'
      exchange.fail(ended ? clientGone() : error)
    } else if (!broken.has(exchange)) {
      // told again at each byte that follows
      broken.add(exchange)
      exchange.response.once('finish', () => refuse(error, socket))
    }
  }

  function onConnect(message: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => socket.destroy()).resume()
    const error = new CountersignError('request/method', 'expected another method than CONNECT')
    const exchange = latest(socket)
    if (!exchange || exchange.response.closed) {
      refuse(error, socket, message)
      return
    }
    // node has let go of the connection: what is under way cannot be answered in full any more, and a refusal
    // would be taken for its answer
    observe(startTrace(message, environment).finished(error.status, error))
    socket.destroy()
    exchange.abandon()
  }
}
