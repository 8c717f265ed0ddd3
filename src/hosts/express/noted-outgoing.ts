import type { IncomingMessage } from 'node:http'
import type { CountersignError } from '../../errors.ts'
import type { Outgoing } from '../prepare.ts'

/** What `countersign()` tells the `proxy()` after it about a message, and what it is told back. */
export interface NotedOutgoing {
  readonly outgoing: Outgoing
  /** The id in the log line and in a problem document of this request. */
  readonly requestId: string
  /** Why the request could not be forwarded, or its answer not be finished. */
  readonly failure?: CountersignError
}

const noted = new WeakMap<IncomingMessage, NotedOutgoing>()

/** Notes what was decided about a message. */
export function noteOutgoing(message: IncomingMessage, outgoing: NotedOutgoing): void {
  noted.set(message, outgoing)
}

/** Notes why a message failed after the middleware let it through; the first reason stays. */
export function noteFailure(message: IncomingMessage, failure: CountersignError): void {
  const known = noted.get(message)
  if (known) noted.set(message, { failure, ...known })
}

/** What was noted about a message; undefined when no middleware of ours has let it through. */
export function notedOutgoing(message: IncomingMessage): NotedOutgoing | undefined {
  return noted.get(message)
}
