import type { Decision } from '../decision.ts'
import type { Environment } from '../environment.ts'
import { CountersignError } from '../errors.ts'
import type { Relay } from '../forward/index.ts'
import { firstExpiry } from './first-expiry.ts'

/** The answers of one server that last: event streams, long answers and WebSockets. */
export interface Streams {
  /** Takes one on until it has ended; `started` is when its request was sent on, on the monotonic clock. */
  add(stream: Stream, decision: Aged, started: number): void
  /** Ends WebSockets with 1001 and event streams with what they have said; the others go on. */
  end(): void
}

/** What of an answer that lasts is needed to end it. */
export type Stream = Pick<Relay, 'done' | 'abort' | 'closeWebSocket' | 'closeEventStream'>

/** What of a decision says how old its stream may become. */
export type Aged = Pick<Decision, 'results'> & {
  readonly route: Pick<Decision['route'], 'maxStreamAge'>
}

/** The clocks that an age is measured with. */
export type Clocks = Pick<Environment, 'now' | 'monotonic'>

/** Status codes that a WebSocket is closed with (RFC 6455 section 7.4.1). */
const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008
/** The longest delay that `setTimeout` knows, 24 days; it takes a longer one for 1 ms. */
const LONGEST = 2 ** 31 - 1

/** Creates an empty list of streams. */
export function createStreams(clocks: Clocks): Streams {
  const open = new Set<Stream>()
  return {
    add(stream, decision, started) {
      open.add(stream)
      const left = untilTooOld(decision, started, clocks)
      const timer = left === undefined ? undefined : setTimeout(() => expire(stream), left)
      const leave = () => {
        open.delete(stream)
        clearTimeout(timer)
      }
      stream.done.then(leave, leave)
    },
    end() {
      for (const stream of open) stream.closeWebSocket(GOING_AWAY) || stream.closeEventStream()
    },
  }
}

// What has no end of its own must not look as if it had come to it.
function expire(stream: Stream): void {
  if (stream.closeWebSocket(POLICY_VIOLATION)) return
  stream.abort(new CountersignError('stream/expired', 'expected the stream to end before'))
}

/**
 * Milliseconds until a stream is as old as its route allows (`maxStreamAge`), at most 24 days; undefined when it may
 * become any age. `started` is when its request was sent on, on the monotonic clock.
 */
export function untilTooOld(
  { route, results }: Aged,
  started: number,
  clocks: Clocks,
): number | undefined {
  const { maxStreamAge } = route
  if (maxStreamAge === undefined) return undefined
  const left =
    maxStreamAge === 'expiry'
      ? firstExpiry(results) * 1000 - clocks.now()
      : started + maxStreamAge - clocks.monotonic()
  return Math.min(Math.max(left, 0), LONGEST)
}
