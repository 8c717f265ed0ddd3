import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Environment, systemEnvironment } from '../../environment.ts'
import { CountersignError } from '../../errors.ts'
import { upstreamError } from '../../forward/index.ts'
import { answerProblem } from '../answer-problem.ts'
import { createForwarding, type Forwarding } from '../forwarding.ts'
import { checkUnread } from './check-order.ts'
import { currentOutgoing } from './current-outgoing.ts'
import { type NotedOutgoing, notedOutgoing, noteFailure } from './noted-outgoing.ts'
import { writeAnswerHead } from './write-answer-head.ts'

/** Settings of the forwarding handler. */
export interface ProxyOptions {
  /** Clock, and ids of problem documents for requests that `countersign()` has not seen. Default: the process's own. */
  readonly environment?: Environment
}

/** Handler that forwards a request. */
export type Proxy = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Forwards what `countersign()` let through, as the standalone proxy does, to the upstream that was matched;
 * changes that handlers between the two made to the method, the header fields or the query go along. Never follows
 * redirects or upgrades; answers failures with a problem document (RFC 9457). A request that
 * `countersign()` has not seen, for which it was told no upstream, or whose body was read, gets 500.
 */
export function proxy({ environment = systemEnvironment() }: ProxyOptions = {}): Proxy {
  const forwardings = new WeakMap<NotedOutgoing['gateway'], Forwarding>()

  /** Connections are shared by all requests that one `countersign()` has let through. */
  function forwardingOf({ gateway, observe }: NotedOutgoing): Forwarding {
    const known = forwardings.get(gateway)
    if (known) return known
    const made = createForwarding({ gateway, environment, observe })
    forwardings.set(gateway, made)
    return made
  }
  async function forward(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const noted = notedOutgoing(message)
    try {
      if (!noted?.outgoing.decision.route.upstream) throw outOfPlace()
      checkUnread(message)
      const outgoing = currentOutgoing(message, noted.outgoing)
      await forwardingOf(noted).send(outgoing, { message, response }, HOOKS)
    } catch (thrown) {
      // one answer a request, whatever else is told about it afterwards
      if (response.writableEnded) return
      const error = upstreamError(thrown)
      noteFailure(message, error)
      answerProblem(message, response, error, noted?.requestId ?? environment.uuid())
    }
  }
  return (message, response) => void forward(message, response)
}

/** Middleware that wraps responses knows one head an answer, whose fields it looks for one by one. */
const HOOKS = { writeHead: writeAnswerHead, dropsHints: true }

function outOfPlace(): CountersignError {
  const expected = 'expected proxy() to come after a countersign() that knows an upstream'
  return new CountersignError('internal', expected)
}
