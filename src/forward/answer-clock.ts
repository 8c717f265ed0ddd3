import { CountersignError } from '../errors.ts'
import type { Outcome } from './lease.ts'

/** How long an exchange may take, in milliseconds. */
export interface AnswerLimits {
  /** Until there is a connection, which has this limit itself. */
  readonly connect: number
  /** From the end of the request until the head of the answer. */
  readonly headers: number
  /** Between two chunks of the answer. */
  readonly body: number
  /** The whole exchange; absent: no limit. */
  readonly request?: number | undefined
}

/** What the clock must know of an exchange, and whom it tells. */
export interface Watched {
  /** True while the client still sends the body, for which the upstream may wait. */
  isSending(): boolean
  /** Rises as the upstream takes more of the body; undefined while it is the client that has yet to send. */
  taken(): number | undefined
  /** True while the client does not take what has arrived. */
  isPaused(): boolean
  /** A limit has passed; `failed` when the upstream is to blame. */
  expire(error: CountersignError, outcome: Outcome): void
}

/**
 * Holds one exchange to its limits, whoever speaks with the upstream. undici's own are up to a second late, begin anew
 * with each interim answer, and do not hold for a request that an HTTP/2 connection has no stream for.
 */
export interface AnswerClock {
  /** The request has been given to a connection. */
  leased(): void
  /** The request, or the last of it, is on its way. */
  sent(): void
  headArrived(): void
  /** More of the answer is to come. */
  awaitBody(): void
  /** Some of it has come, or the client takes it again. */
  moved(): void
  stop(): void
}

/** Starts the clock of an exchange. */
export function startAnswerClock(limits: AnswerLimits, watched: Watched): AnswerClock {
  const startLimit = limits.connect + limits.headers
  let hasHead = false
  let lastTaken: number | undefined
  let headTimer: NodeJS.Timeout | undefined
  let bodyTimer: NodeJS.Timeout | undefined
  const wholeTimer = limits.request === undefined ? undefined : setTimeout(onWhole, limits.request)

  function onStart(): void {
    watched.expire(late('to begin the request', startLimit), 'failed')
  }
  function onHead(): void {
    const isSending = watched.isSending()
    const taken = isSending ? watched.taken() : lastTaken
    if (isSending && (taken === undefined || taken !== lastTaken)) {
      lastTaken = taken
      headTimer?.refresh()
    } else {
      watched.expire(late('a response head', limits.headers), 'failed')
    }
  }
  function onBody(): void {
    if (watched.isPaused()) bodyTimer?.refresh()
    else watched.expire(late('more of the answer', limits.body), 'failed')
  }
  // a client that reads or sends slowly says nothing about the upstream
  function onWhole(): void {
    const isSlow = !hasHead && !watched.isSending()
    const error = late('the end of the exchange', limits.request)
    watched.expire(error, isSlow ? 'failed' : 'aborted')
  }
  return {
    leased() {
      clearTimeout(headTimer)
      headTimer = setTimeout(onStart, startLimit)
    },
    sent() {
      clearTimeout(headTimer)
      if (!hasHead) headTimer = setTimeout(onHead, limits.headers)
    },
    headArrived() {
      hasHead = true
      clearTimeout(headTimer)
    },
    awaitBody() {
      bodyTimer = setTimeout(onBody, limits.body)
    },
    moved: () => void bodyTimer?.refresh(),
    stop() {
      clearTimeout(headTimer)
      clearTimeout(bodyTimer)
      clearTimeout(wholeTimer)
    },
  }
}

function late(what: string, milliseconds = 0): CountersignError {
  return new CountersignError('upstream/timeout', `expected ${what} within ${milliseconds} ms`)
}
