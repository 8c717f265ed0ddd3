import { type ClientRequest, type IncomingMessage, ServerResponse } from 'node:http'
import { createProxyMiddleware, definePlugin, type RequestHandler } from 'http-proxy-middleware'
import { type Environment, systemEnvironment } from '../../environment.ts'
import { CountersignError } from '../../errors.ts'
import { expiredCredential, upstreamError } from '../../forward/index.ts'
import { answerProblem } from '../answer-problem.ts'
import { firstExpiry } from '../first-expiry.ts'
import { checkUnread } from './check-order.ts'
import { limitUpstream } from './limit-upstream.ts'
import { notedOutgoing, noteFailure } from './noted-outgoing.ts'
import { relayAnswer } from './relay-answer.ts'
import { createUpstreamAgents } from './upstream-agents.ts'

/** Settings of the forwarding handler. */
export interface ProxyOptions {
  /** Clock, and ids of problem documents for requests that `countersign()` has not seen. Default: the process's own. */
  readonly environment?: Environment
}

/** Handler that forwards a request. */
export type Proxy = (request: IncomingMessage, response: ServerResponse) => void

type Refuse = (message: IncomingMessage, response: ServerResponse, error: unknown) => void

/**
 * Forwards what `countersign()` let through, with http-proxy-middleware, to the upstream that was matched;
 * changes that handlers between the two made to the header fields or the query go along. Never follows
 * redirects or upgrades; answers failures with a problem document (RFC 9457). A request that
 * `countersign()` has not seen, for which it was told no upstream, or whose body was read, gets 500.
 */
export function proxy({ environment = systemEnvironment() }: ProxyOptions = {}): Proxy {
  const refuse: Refuse = (message, response, thrown) => {
    // one answer a request, whatever else is told about it afterwards
    if (response.writableEnded) return
    const error = upstreamError(thrown)
    noteFailure(message, error)
    const requestId = notedOutgoing(message)?.requestId ?? environment.uuid()
    answerProblem(message, response, error, requestId)
  }
  const forward = createForwarder(environment, refuse)
  return (message, response) => {
    try {
      address(message)
    } catch (error) {
      refuse(message, response, error)
      return
    }
    const next = (error?: unknown) => refuse(message, response, error)
    forward(message, response, next).catch(next)
  }
}

/** Gives the message the path it is forwarded to. */
function address(message: IncomingMessage): void {
  const { path } = decided(message).upstreamUrl
  checkUnread(message)
  const { url = '' } = message
  const queryAt = url.indexOf('?')
  message.url = path + (queryAt < 0 ? '' : url.slice(queryAt))
}

function decided(message: IncomingMessage) {
  const { decision, answer } = notedOutgoing(message)?.outgoing ?? {}
  const { upstream } = decision?.route ?? {}
  if (!decision || !answer || !upstream) {
    const expected = 'expected proxy() to come after a countersign() that knows an upstream'
    throw new CountersignError('internal', expected)
  }
  const { upstreamUrl, results } = decision
  return { upstreamUrl, upstream, answer, results }
}

/** One handler for all upstreams: each handler of http-proxy-middleware leaves a listener on the server. */
function createForwarder(environment: Environment, refuse: Refuse): RequestHandler {
  const agentOf = createUpstreamAgents()
  return createProxyMiddleware({
    router(message, _response, options) {
      const { upstream } = decided(message)
      options.agent = agentOf(upstream)
      return upstream.origin
    },
    // its own plugins log URLs, with the query, and answer errors in their own words; `on` is one of them
    ejectPlugins: true,
    plugins: [
      definePlugin((server) => {
        server.on('error', (error, message, response) => {
          if (message && response instanceof ServerResponse) refuse(message, response, error)
        })
        server.on('proxyReq', (request, message, response) => {
          const { upstream, results } = decided(message)
          limitUpstream(request, response, upstream.timeouts)
          refuseUnanswered(request, (error) => refuse(message, response, error))
          // it may have waited for this connection
          if (firstExpiry(results) * 1000 <= environment.now()) request.destroy(expiredCredential())
        })
        server.on('proxyRes', (answer, message, response) => {
          answer.on('error', (error) => refuse(message, response, error))
          try {
            relayAnswer(answer, response, decided(message).answer)
          } catch (error) {
            refuse(message, response, error)
            answer.destroy()
          }
        })
      }),
    ],
    selfHandleResponse: true,
    xfwd: false,
    ws: false,
  })
}

/** Tells of a request to an upstream that ends with neither an answer nor an error. */
function refuseUnanswered(request: ClientRequest, refuse: (error: CountersignError) => void): void {
  const refuseOnce = () => {
    request.off('close', refuseOnce)
    refuse(new CountersignError('upstream/protocol', 'expected an answer from the upstream'))
  }
  const leave = () => request.off('close', refuseOnce)
  request.once('response', leave).once('error', leave).once('close', refuseOnce)
  request.once('upgrade', (_answer, socket) => {
    socket.destroy()
    refuseOnce()
  })
}
