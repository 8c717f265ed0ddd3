import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JwksSettings, Route } from '../compiled.ts'
import {
  findingsOfError,
  type LoadOptions,
  type OpenGateway,
  openGateway,
} from '../config/index.ts'
import { type Environment, systemEnvironment } from '../environment.ts'
import { asCountersignError, CountersignError } from '../errors.ts'
import { clientGone } from '../http/index.ts'
import { createLog } from '../log.ts'
import type { Observer, RequestEvent } from '../observe.ts'
import type { Authentication, JsonObject } from '../types.ts'
import { answerProblem } from './answer-problem.ts'
import { createBodyBudget } from './body-budget.ts'
import { applyToMessage } from './express/apply-to-message.ts'
import { checkUnparsed, checkUnread } from './express/check-order.ts'
import { notedOutgoing, noteOutgoing } from './express/noted-outgoing.ts'
import { ownRoute } from './express/own-route.ts'
import { hasBody } from './has-body.ts'
import { headOf } from './head-of.ts'
import { isBehindTheLast } from './line.ts'
import { prepare } from './prepare.ts'
import { startTrace, type Trace } from './trace.ts'

export { type Proxy, type ProxyOptions, proxy } from './express/proxy.ts'

/** Settings of the middleware. At least one of `policies` and `config` is written. */
export interface CountersignOptions extends LoadOptions {
  /** What a request gets that no policy applies to, when no gateway file says it. Default `reject`. */
  readonly unmatched?: Route['unmatched']
  /** Reload when a file changes. Default true. */
  readonly watch?: boolean
  /** Receives every event. Default: JSON lines on standard output. */
  readonly observe?: Observer
  /** Who sent a request, as an earlier handler found; for routes that ask no authenticator. Default: anonymous. */
  authentication?(request: IncomingMessage): Authentication | undefined
  /** Clock, ids, environment variables and files. Default: the process's own. */
  readonly environment?: Environment
}

/** Express middleware that signs requests. */
export interface Countersign {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
  /** Settles when the files are loaded; rejects with `ConfigurationError` or `UnreadableError`. */
  readonly ready: Promise<OpenGateway>
  /** True once the files are loaded. */
  isReady(): boolean
  /** Public JWKs of the enabled policies; none until the files are loaded. */
  publicKeys(): readonly JsonObject[]
  /** How they are published; undefined until the files are loaded. */
  jwks(): JwksSettings | undefined
  /** Stops watching the files. */
  close(): void
}

/**
 * Puts the credential of each request's policies on it, as declared, before the next handler sees it; a
 * request whose policy cannot finish is answered with a problem document (RFC 9457) and goes no further.
 * Stands before body and cookie parsers: a policy that touches what was parsed already is refused with 500.
 * Mounted at a sub path, it matches the full path as received. Requests wait while the files are loaded, and
 * are refused with 503 when they cannot be.
 *
 * @example
 * ```ts
 * const app = express()
 * app.use(countersign({ policies: './policies', upstream: 'http://127.0.0.1:9000' }), proxy())
 * app.listen(8080, '127.0.0.1')
 * ```
 */
export function countersign(options: CountersignOptions): Countersign {
  const {
    environment = systemEnvironment(),
    observe = createLog(environment),
    unmatched = 'reject',
    watch = true,
  } = options
  const own = ownRoute(unmatched)
  const budget = createBodyBudget()
  const ready = openGateway({
    ...options,
    environment,
    observe,
    watch,
    adjust: (compiled) => (compiled.routes.length > 0 ? compiled : { ...compiled, routes: [own] }),
  })
  let opened: OpenGateway | undefined
  ready.then(
    (gateway) => {
      opened = gateway
    },
    (thrown: unknown) => {
      const findings = findingsOfError(thrown)
      const none = { accepted: false, generation: 1, policies: 0, disabled: 0 }
      observe({ type: 'configuration', ...none, findings })
    },
  )

  async function loaded(): Promise<OpenGateway> {
    try {
      return await ready
    } catch {
      throw new CountersignError('config/unavailable', 'expected policy files without errors')
    }
  }

  async function sign(message: IncomingMessage, response: ServerResponse): Promise<boolean> {
    // a message whose client leaves may tell it when nobody listens any more, which would end the process
    message.on('error', () => {})
    const { originalUrl = message.url ?? '' } = message as { originalUrl?: string }
    if (isBehindTheLast(message)) {
      // a connection that closes with bytes unread is reset, and the answer before might be lost
      message.resume()
      return false
    }
    const trace = startTrace(message, environment, originalUrl)
    try {
      const head = headOf(message, originalUrl)
      const { gateway } = opened ?? (await loaded())
      // one before it may have been refused once the files were loaded
      if (isBehindTheLast(message)) return false
      const prepared = prepare(message, head, {
        gateway,
        budget,
        response,
        authentication: options.authentication?.(message),
        onAdmitted: trace.admitted,
        beforeBody: () => checkUnread(message),
      })
      // what has come of a body may be malformed, which is known once all of it was parsed
      const isReady = !(prepared instanceof Promise) && !hasBody(message)
      const outgoing = isReady ? prepared : await prepared
      trace.decided(outgoing.decision)
      checkUnparsed(message, outgoing.decision.patch)
      const replayed = applyToMessage(message, outgoing)
      if (replayed) await replayed
      if (response.destroyed) throw clientGone()
      noteOutgoing(message, { outgoing, requestId: trace.requestId, gateway, observe })
      response.once('close', () => observe(finished(trace, message, response)))
      return true
    } catch (thrown) {
      const error = asCountersignError(thrown)
      answerProblem(message, response, error, trace.requestId)
      observe(trace.finished(error.status, error))
      return false
    }
  }

  const middleware = (
    message: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => {
    void sign(message, response).then((signed) => signed && next())
  }
  return Object.assign(middleware, {
    ready,
    isReady: () => opened !== undefined,
    publicKeys: () => opened?.gateway.publicKeys ?? [],
    jwks: () => opened?.gateway.compiled.jwks,
    close: () => void ready.then((gateway) => gateway.close()).catch(() => {}),
  })
}

function finished(trace: Trace, message: IncomingMessage, response: ServerResponse): RequestEvent {
  const failure = notedOutgoing(message)?.failure
  const error = failure ?? (response.writableFinished ? undefined : clientGone())
  return trace.finished(error?.status ?? response.statusCode, error)
}
