import type { IncomingMessage } from 'node:http'
import type { Gateway } from '../../compiled.ts'
import type { CountersignError } from '../../errors.ts'
import type { Observer } from '../../observe.ts'
import type { Outgoing } from '../prepare.ts'

/** What `countersign()` tells the `proxy()` after it about a message, and what it is told back. */
export interface NotedOutgoing {
  readonly outgoing: Outgoing
  /** The id in the log line and in a problem document of this request. */
  readonly requestId: string
  /** What decided, and who hears of the upstreams that it leads to. */
  readonly gateway: Pick<Gateway, 'compiled'>
  readonly observe: Observer
  /** Why the request could not be forwarded, or its answer not be finished. */
  readonly failure?: CountersignError
}

/** On a message itself, as a `WeakMap` that gets an entry with each request slows the garbage collection down. */
const NOTED = Symbol('what was noted')

interface NotedMessage extends IncomingMessage {
  [NOTED]?: NotedOutgoing
}

/** Notes what was decided about a message. */
export function noteOutgoing(message: NotedMessage, outgoing: NotedOutgoing): void {
  message[NOTED] = outgoing
}

/** Notes why a message failed after the middleware let it through; the first reason stays. */
export function noteFailure(message: NotedMessage, failure: CountersignError): void {
  const known = message[NOTED]
  if (known) message[NOTED] = { failure, ...known }
}

/** What was noted about a message; undefined when no middleware of ours has let it through. */
export function notedOutgoing(message: NotedMessage): NotedOutgoing | undefined {
  return message[NOTED]
}
