import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Gateway } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import { asCountersignError } from '../errors.ts'
import { opensWebSocket } from '../http/index.ts'
import type { Observer, Workload } from '../observe.ts'
import { BODY_BUDGET, createBodyBudget } from './body-budget.ts'
import { createForwarding } from './forwarding.ts'
import { hasBody } from './has-body.ts'
import { headOf } from './head-of.ts'
import { endConnection, isBehindTheLast } from './line.ts'
import { prepare } from './prepare.ts'
import { refuseBrokenMessages } from './standalone/broken-messages.ts'
import { checkSize } from './standalone/check-size.ts'
import { continuation } from './standalone/continuation.ts'
import { createExchange, type Exchange } from './standalone/exchange.ts'
import { createListener } from './standalone/listener.ts'
import { startLoadLimits } from './standalone/load-limits.ts'
import { upgradeResponse } from './standalone/upgrade-response.ts'
import { startTrace } from './trace.ts'

/** What the proxy needs. */
export interface StandaloneOptions {
  readonly gateway: Gateway
  readonly environment: Environment
  readonly observe: Observer
  /** Bytes of all bodies together that are buffered for policies; beyond it 503. Default 128 MiB. */
  readonly bodyBudget?: number
}

/** The standalone proxy. */
export interface Standalone {
  /** Listens nowhere yet. */
  readonly server: Server
  /** What it is busy with now. */
  workload(): Workload
  /** Still accepts, but every answer is the last of its connection. */
  drain(): void
  /**
   * Stops accepting, lets requests end, and closes the connections to upstreams. After `grace` milliseconds, by
   * default never, streams are ended and all else is cut off.
   */
  close(grace?: number): Promise<void>
}

function ignore(): void {}

/** Milliseconds for the ends of streams to be sent. */
const LAST_WORDS = 500

/** Creates the proxy: decides about each request, puts the credential on it, forwards it. */
export function createStandalone(options: StandaloneOptions): Standalone {
  const { gateway, environment, observe, bodyBudget = BODY_BUDGET } = options
  const budget = createBodyBudget(bodyBudget, () => load.isShortOfMemory())
  const forwarding = createForwarding(options)
  /** The latest under way on each connection; answers go out in the order of requests. */
  const exchanges = new WeakMap<Duplex, Exchange>()
  // a connection that is idle must not keep its last request and answer
  function forget(this: ServerResponse): void {
    const { socket } = this.req
    if (exchanges.get(socket)?.response === this) exchanges.delete(socket)
  }
  let draining = false
  let closing = false

  async function serve(
    message: IncomingMessage,
    response: ServerResponse,
    canUpgrade = false,
  ): Promise<void> {
    // a message whose client leaves may tell it when nobody listens any more, which would end the process
    message.on('error', ignore)
    // the connection was refused already, as one that took too long
    if (!message.socket.writable) return
    if (isBehindTheLast(message)) {
      // a connection that closes with bytes unread is reset, and the answer before might be lost
      message.resume()
      return
    }
    const trace = startTrace(message, environment)
    const exchange = createExchange(message, response, {
      requestId: trace.requestId,
      before: exchanges.get(message.socket),
      now: environment.now,
    })
    exchanges.set(message.socket, exchange)
    response.on('close', forget)
    const beforeHead = () => {
      if (draining) endConnection(message, response)
    }
    beforeHead()
    try {
      const { limits, wantsBody, leave } = load.admit(exchange)
      checkSize(message, limits)
      const head = headOf(message, message.url ?? '', limits.targetSize)
      const askForBody = continuation(message, response)
      const beforeBody = () => {
        wantsBody()
        askForBody()
      }
      const trustsCertificate = () => isCurrent(message.socket)
      // what a connection began with serves no more
      if (!trustsCertificate()) endConnection(message, response)
      const onAdmitted = trace.admitted
      const known = { gateway, budget, response, trustsCertificate, canUpgrade }
      const prepared = prepare(message, head, { ...known, onAdmitted, beforeBody })
      // what has come of a body may be malformed, which is known once all of it was parsed
      const isReady = !(prepared instanceof Promise) && !hasBody(message)
      const outgoing = isReady ? prepared : await prepared
      trace.decided(outgoing.decision)
      if (exchange.failure) throw exchange.failure
      beforeBody()
      await forwarding.send(outgoing, exchange, { leave, beforeHead })
      observe(trace.finished(response.statusCode))
    } catch (thrown) {
      const error = exchange.failure ?? asCountersignError(thrown)
      // an answer that is cut has told its status
      const status = response.headersSent ? response.statusCode : error.status
      beforeHead()
      exchange.refuse(error)
      observe(trace.finished(status, error))
    }
    if (closing) server.closeIdleConnections()
  }

  const { server, isCurrent } = createListener(
    gateway,
    {
      // node checks its time limits only this often; the default of 30 s would make them far longer
      connectionsCheckingInterval: 1000,
      requireHostHeader: false,
      shouldUpgradeCallback: (message) =>
        opensWebSocket(message) && exchanges.get(message.socket)?.response.closed !== false,
    },
    serve,
  )
  // a client that has said everything may close its side and still wait for the answer
  Object.assign(server, { httpAllowHalfOpen: true })
  // lines beyond a limit would be cut off silently; the size of the head bounds them
  server.maxHeadersCount = 0
  server.on('checkContinue', serve)
  server.on('checkExpectation', serve)
  server.on('upgrade', (message: IncomingMessage, socket: Socket, behind: Buffer) =>
    serve(message, upgradeResponse(message, socket, behind), true),
  )
  refuseBrokenMessages(server, {
    environment,
    observe,
    latest: (socket) => exchanges.get(socket),
  })
  const load = startLoadLimits(server, options)
  function endAll(): void {
    forwarding.endStreams()
    setTimeout(() => server.closeAllConnections(), LAST_WORDS).unref()
  }
  return {
    server,
    workload: () => ({ ...load.now(), upstreams: forwarding.usage() }),
    drain() {
      draining = true
    },
    async close(grace) {
      draining = true
      closing = true
      const timer = grace === undefined ? undefined : setTimeout(endAll, grace)
      await new Promise((resolve) => server.close(resolve))
      clearTimeout(timer)
      load.stop()
      await forwarding.close()
    },
  }
}
