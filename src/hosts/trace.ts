import type { IncomingMessage } from 'node:http'
import type { Decision } from '../decision.ts'
import type { Environment } from '../environment.ts'
import type { CountersignError } from '../errors.ts'
import type { PolicyTrace, RequestEvent } from '../observe.ts'
import type { PolicyResult } from '../policy.ts'

/** Follows one request until it can be told as an event. */
export interface Trace {
  readonly requestId: string
  /** Notes which authenticator recognised the caller. */
  admitted(authenticator: string | undefined): void
  /** Notes what the policies did. */
  decided(decision: Decision): void
  /** The event of a request that ended with `status`. */
  finished(status: number, error?: CountersignError): RequestEvent
}

/** What is known of a request, which may never have become a message. */
export type TracedMessage = Pick<IncomingMessage, 'method' | 'url'>

/** Starts following a request. `target` is what the client sent. */
export function startTrace(
  message: TracedMessage,
  environment: Environment,
  target = message.url ?? '',
): Trace {
  const { method = '' } = message
  const requestId = environment.uuid()
  const started = environment.monotonic()
  const queryAt = target.search(/[?#]/)
  let route: string | undefined
  let authenticator: string | undefined
  let policies: readonly PolicyTrace[] = []
  return {
    requestId,
    admitted(name) {
      authenticator = name
    },
    decided(decision) {
      route = decision.route.name
      policies = decision.results.map(tracedResult)
    },
    finished(status, error) {
      const event: RequestEvent = {
        type: 'request',
        requestId,
        method,
        path: queryAt < 0 ? target : target.slice(0, queryAt),
        status,
        durationMs: environment.monotonic() - started,
        route,
        authenticator,
        policies,
      }
      return error ? { ...event, error } : event
    },
  }
}

// A result also holds the patch, and the token that it saved as text.
function tracedResult({ policy, applied, trace, failure }: PolicyResult): PolicyTrace {
  return { policy, applied, trace, failure }
}
