import type { ServerResponse } from 'node:http'
import { CountersignError } from '../errors.ts'
import { clientGone } from '../http/index.ts'
import { type AnswerLimits, startAnswerClock } from './answer-clock.ts'
import type { AnswerRules } from './answer-fields.ts'
import { answerHead, sendHints } from './answer-head.ts'
import type { ExchangeControl, ExchangeHandler } from './exchange-handler.ts'
import type { Lease, Outcome } from './lease.ts'
import { isArriving, type OutgoingRequest } from './outgoing-request.ts'
import type { Pool } from './pool.ts'
import { mayRepeat } from './repeat.ts'
import type { Tunnel } from './tunnel.ts'
import { checkNoSwitch, checkSwitch, switchProtocols } from './upgrade.ts'
import { expiredCredential, upstreamError } from './upstream-error.ts'
import { endWith, flushHead, type HeadWriter, writeAtOnce } from './written-answer.ts'

/** An exchange with an upstream that is under way. */
export interface Relay {
  /**
   * Resolves when the answer has been handed to the client in full. Rejects with `upstream/…`, with `overload`, with
   * `request/aborted` when the client went away, or with what `abort` was given; when an answer has begun
   * by then, the caller must cut the connection, so that a short answer never looks complete.
   */
  readonly done: Promise<void>
  /** Gives the exchange up; the connection to the upstream is destroyed. */
  abort(reason: CountersignError): void
  /** Closes the WebSocket that the exchange has become with this status code; false when it has become none. */
  closeWebSocket(code: number): boolean
  /** Ends the event stream that the answer is, as if it had been said in full; does nothing with another answer. */
  closeEventStream(): void
}

/** What is done with the answer. */
export interface AnswerOptions {
  readonly timeouts: AnswerLimits
  readonly rules: AnswerRules
  /** Called right before the head is written. */
  readonly beforeHead?: (() => void) | undefined
  /** Writes the head, or throws for one that cannot be sent on. Default: writes it in one piece. */
  readonly writeHead?: HeadWriter | undefined
  /** True when the links of a 103 are not handed on. Default: false. */
  readonly dropsHints?: boolean | undefined
  /** Called when the answer has become a stream; true when it counts no longer among requests. */
  onStream?(isCounted: boolean): void
}

/** Milliseconds beyond its head after which an answer counts as a stream. */
const LASTING = 5000

/** Sends a request when the pool has a connection and streams the answer to `response`, both ways with back-pressure. */
export function relay(
  pool: Pool,
  request: OutgoingRequest,
  response: ServerResponse,
  { timeouts, rules, beforeHead, writeHead = writeAtOnce, dropsHints, onStream }: AnswerOptions,
): Relay {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  let lease: Lease | undefined
  let waiting: AbortController | undefined
  let controller: ExchangeControl | undefined
  let failure: CountersignError | undefined
  let headWaits: readonly string[] | undefined
  let streamTimer: NodeJS.Timeout | undefined
  let tunnel: Tunnel | undefined
  let isEventStream = false
  let isFirst = true
  let hasBegun = false

  function end(reason: CountersignError, outcome: Outcome): void {
    if (failure) return
    failure = reason
    waiting?.abort(reason)
    controller?.abort(reason)
    tunnel?.destroy()
    release(outcome)
    // nobody has touched the body of a request that has not begun
    if (request.body && 'destroy' in request.body) request.body.destroy()
    reject(reason)
  }
  const abort = (reason: CountersignError) => end(reason, 'aborted')

  function release(outcome: Outcome): void {
    clock.stop()
    clearTimeout(streamTimer)
    lease?.done(outcome)
  }
  function beStream(): void {
    lease?.answered()
    if (!lease?.asStream()) throw new CountersignError('overload', 'expected fewer streams')
  }
  function countAsStream(): void {
    onStream?.(lease?.asStream() ?? false)
  }
  // whoever closes its side of a stream that has no end is not waiting for it
  function endWithClient(): void {
    const { socket } = response
    const leave = () => abort(clientGone())
    socket?.once('end', leave)
    response.once('close', () => socket?.off('end', leave))
  }
  function afterHead(): void {
    if (headWaits) flushHead(response, headWaits)
    if (failure || response.writableEnded) return
    clock.awaitBody()
    if (!isEventStream) streamTimer = setTimeout(countAsStream, LASTING)
  }
  function send(leased: Lease): void {
    lease = leased
    if (failure) {
      leased.done('aborted')
      return
    }
    failExpired()
    if (failure) return
    clock.leased()
    leased.dispatch(request, handler)
  }
  function failExpired(): void {
    if (request.isExpired?.()) fail(expiredCredential())
  }
  function start(): void {
    try {
      const isBrief = !isArriving(request.body)
      const free = pool.take(isBrief)
      if (free) {
        send(free)
      } else {
        waiting = new AbortController()
        pool.wait(waiting.signal, isBrief).then(send, fail)
      }
    } catch (error) {
      fail(error)
    }
  }
  function fail(thrown: unknown): void {
    const error = upstreamError(thrown)
    // an upstream that wants no more of a body closes, which breaks what we write before its answer is read
    const isCutOff = error.code === 'upstream/protocol' && isArriving(request.body)
    end(error, error.code.startsWith('upstream/') && !isCutOff ? 'failed' : 'aborted')
  }

  const handler: ExchangeHandler = {
    onStart(started) {
      controller = started
      failExpired() // it may have taken a while to connect
      if (failure) started.abort(failure)
      else clock.sent()
    },
    onUpgrade(head, socket) {
      hasBegun = true
      checkSwitch(head.fields, request.headers)
      const { fields } = answerHead(head, rules)
      beStream()
      clock.stop()
      tunnel = switchProtocols(response, socket, fields)
      onStream?.(true)
      tunnel.done.then(() => {
        release('ok')
        resolve()
      })
    },
    onHead(head) {
      const { status } = head
      if (failure) return
      hasBegun = true
      checkNoSwitch(head, request.upgrade !== undefined)
      if (status < 200) {
        if (status === 103 && !dropsHints) sendHints(response, head.fields, rules)
        return
      }
      clock.headArrived()
      const answer = answerHead(head, rules)
      const { fields, isStream } = answer
      if (isStream) beStream()
      else lease?.answered()
      beforeHead?.()
      writeHead(response, status, answer, rules)
      isEventStream = isStream
      if (isStream) {
        endWithClient()
        onStream?.(true)
      }
      // most bodies are here already and go out with the head; an event stream begins without one
      headWaits = fields
      setImmediate(afterHead)
    },
    onData(chunk) {
      headWaits = undefined
      clock.moved()
      if (!response.write(Buffer.from(chunk))) controller?.pause()
    },
    onEnd(last) {
      headWaits = undefined
      release('ok')
      endWith(response, last)
    },
    onError(error) {
      if (!failure && isFirst && !hasBegun && lease?.isStale() && mayRepeat(request, error)) {
        isFirst = false
        if (lease.renew()) {
          send(lease)
          return
        }
      }
      fail(error)
    },
  }
  const clock = startAnswerClock(timeouts, {
    isSending: () => isArriving(request.body),
    taken: () => (isArriving(request.body) ? request.body.taken() : undefined),
    isPaused: () => controller?.isPaused() ?? false,
    expire: end,
  })
  if (isArriving(request.body)) request.body.once('end', clock.sent)
  response.on('drain', () => {
    clock.moved()
    controller?.resume()
  })
  response.on('close', () => {
    if (tunnel) return
    if (response.writableFinished) resolve()
    else abort(clientGone())
  })
  if (response.destroyed) abort(clientGone())
  else start()
  return {
    done,
    abort,
    closeWebSocket(code) {
      tunnel?.close(code)
      return tunnel !== undefined
    },
    closeEventStream() {
      if (!isEventStream || failure) return
      failure = new CountersignError('stream/expired', 'expected the stream to end before')
      controller?.abort(failure)
      release('aborted')
      response.end()
    },
  }
}
