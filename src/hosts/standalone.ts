import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Gateway } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import { asCountersignError, CountersignError } from '../errors.ts'
import { createDispatchers, relay, requestBody } from '../forward/index.ts'
import { clientGone } from '../http/index.ts'
import type { Observer } from '../observe.ts'
import { BODY_BUDGET, createBodyBudget } from './body-budget.ts'
import { hasBody } from './has-body.ts'
import { headOf } from './head-of.ts'
import { isBehindTheLast } from './line.ts'
import { type Outgoing, prepare } from './prepare.ts'
import { continuation } from './standalone/continuation.ts'
import { createExchange, type Exchange } from './standalone/exchange.ts'
import { createListener } from './standalone/listener.ts'
import { connectionError, refuseSocket } from './standalone/refuse-socket.ts'
import { startTrace, type TracedMessage } from './trace.ts'

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
  /** Stops accepting, lets requests end, and closes the connections to upstreams. */
  close(): Promise<void>
}

/** Header lines that one request may have. */
const HEADER_LINES = 1000

/** Creates the proxy: decides about each request, puts the credential on it, forwards it with undici. */
export function createStandalone(options: StandaloneOptions): Standalone {
  const { gateway, environment, observe, bodyBudget = BODY_BUDGET } = options
  const budget = createBodyBudget(bodyBudget)
  const dispatchers = createDispatchers()
  /** The latest on each connection; answers go out in the order of requests. */
  const exchanges = new WeakMap<Duplex, Exchange>()
  let closing = false

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
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
      now: environment.now,
    })
    exchanges.set(message.socket, exchange)
    try {
      checkLineCount(message)
      const head = headOf(message, message.url ?? '')
      const beforeBody = continuation(message, response)
      const trustsCertificate = () => isCurrent(message.socket)
      // what a connection began with serves no more
      if (!trustsCertificate()) response.shouldKeepAlive = false
      const onAdmitted = trace.admitted
      const options = { gateway, budget, response, trustsCertificate, onAdmitted, beforeBody }
      const outgoing = await prepare(message, head, options)
      trace.decided(outgoing.decision)
      if (exchange.failure) throw exchange.failure
      beforeBody()
      await forward(outgoing, exchange)
      observe(trace.finished(response.statusCode))
    } catch (thrown) {
      const error = exchange.failure ?? asCountersignError(thrown)
      exchange.refuse(error)
      observe(trace.finished(error.status, error))
    }
    if (closing) server.closeIdleConnections()
  }

  async function forward(outgoing: Outgoing, exchange: Exchange): Promise<void> {
    const { message } = exchange
    const { route, upstreamUrl, exposed, body: read } = outgoing.decision
    const { upstream } = route
    if (!upstream) throw new CountersignError('internal', 'expected a route with an upstream')
    const streams = read === undefined && hasBody(message)
    const { done, abort } = relay(
      dispatchers.get(upstream),
      {
        method: message.method ?? '',
        path: outgoing.query === '' ? upstreamUrl.path : `${upstreamUrl.path}?${outgoing.query}`,
        headers: outgoing.headers,
        body: streams ? requestBody(message) : (outgoing.body ?? null),
      },
      exchange.response,
      { headTimeout: upstream.timeouts.headers, exposed },
    )
    exchange.onFail(abort)
    await done
  }

  function refuse(error: CountersignError, socket: Duplex, message: TracedMessage = {}): void {
    // what still arrives on a connection that was refused is not told again
    if (!socket.writable) return
    const trace = startTrace(message, environment)
    refuseSocket(error, socket, { requestId: trace.requestId, now: environment.now() })
    observe(trace.finished(error.status, error))
  }

  function onClientError(thrown: Error & { readonly code?: string }, socket: Duplex): void {
    // the connection itself broke, or never spoke TLS as we do: nobody is left to answer
    if ('syscall' in thrown || /^(?:ECONNRESET$|ERR_(?:SSL|TLS)_)/.test(thrown.code ?? '')) {
      socket.destroy()
      return
    }
    const error = connectionError(thrown)
    const exchange = exchanges.get(socket)
    if (!exchange || exchange.response.closed) {
      refuse(error, socket)
    } else if (!exchange.message.complete) {
      const ended = thrown.code === 'HPE_INVALID_EOF_STATE'
      exchange.fail(ended ? clientGone() : error)
    } else {
      exchange.response.once('finish', () => refuse(error, socket))
    }
  }

  const { server, isCurrent } = createListener(
    gateway,
    {
      // node checks its time limits only this often; the default of 30 s would make them far longer
      connectionsCheckingInterval: 1000,
      headersTimeout: 10_000,
      requestTimeout: 300_000,
      keepAliveTimeout: 65_000,
      // room for the longest target that is answered with 414, and for 16 KiB of fields beside it
      maxHeaderSize: 2 * 16 * 1024,
      requireHostHeader: false,
    },
    serve,
  )
  // a client that has said everything may close its side and still wait for the answer
  Object.assign(server, { httpAllowHalfOpen: true })
  // lines beyond a limit would be cut off silently; the size of the head bounds them
  server.maxHeadersCount = 0
  server.on('checkContinue', serve)
  server.on('checkExpectation', serve)
  server.on('clientError', onClientError)
  server.on('connect', (message: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy()).resume()
    const error = new CountersignError('request/method', 'expected another method than CONNECT')
    const answer = exchanges.get(socket)?.response
    if (!answer || answer.closed) {
      refuse(error, socket, message)
      return
    }
    // node has let go of the connection: what is under way cannot be answered in full any more, and a refusal
    // would be taken for its answer
    observe(startTrace(message, environment).finished(error.status, error))
    socket.destroy()
  })
  return {
    server,
    async close() {
      closing = true
      await new Promise((resolve) => server.close(resolve))
      await dispatchers.close()
    },
  }
}

function checkLineCount({ rawHeaders }: IncomingMessage): void {
  if (rawHeaders.length / 2 <= HEADER_LINES) return
  throw new CountersignError(
    'request/head-too-large',
    `expected at most ${HEADER_LINES} header lines`,
  )
}
