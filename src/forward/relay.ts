import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { CountersignError } from '../errors.ts'
import { clientGone, responseHeaders } from '../http/index.ts'
import type { Exposure } from '../policy.ts'
import { checkCoding } from './check-coding.ts'
import { exposeFields } from './exposed-fields.ts'
import { flushHead } from './flush-head.ts'
import { upstreamError } from './upstream-error.ts'

/** One request as it goes on the wire, complete before anything is sent. */
export interface OutgoingRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Names and values by turns. */
  readonly headers: readonly string[]
  /** A stream of the client's body, bytes that were decided upon, or nothing. */
  readonly body: Readable | Buffer | null
}

/** An exchange with an upstream that is under way. */
export interface Relay {
  /**
   * Resolves when the answer has been handed to the client in full. Rejects with `upstream/…`, with
   * `request/aborted` when the client went away, or with what `abort` was given; when an answer has begun
   * by then, the caller must cut the connection, so that a short answer never looks complete.
   */
  readonly done: Promise<void>
  /** Gives the exchange up; the connection to the upstream is destroyed. */
  abort(reason: CountersignError): void
}

/** What is done with the answer. */
export interface AnswerOptions {
  /** Milliseconds by which interim answers may put the answer off. */
  readonly headTimeout: number
  /** Credentials that the caller gets with it. */
  readonly exposed: readonly Exposure[]
}

/** Else undici takes the Host field for the name, and begins a new connection for each other one. */
const ANY_NAME = 'upstream'

/** Sends a request and streams the answer to `response`, both ways with back-pressure. */
export function relay(
  dispatcher: Dispatcher,
  request: OutgoingRequest,
  response: ServerResponse,
  { headTimeout, exposed }: AnswerOptions,
): Relay {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  let controller: Dispatcher.DispatchController | undefined
  let failure: CountersignError | undefined
  let headWaits: readonly string[] | undefined
  let headTimer: NodeJS.Timeout | undefined

  function abort(reason: CountersignError): void {
    if (failure) return
    failure = reason
    clearTimeout(headTimer)
    controller?.abort(reason)
    // undici does not touch the body of a request that it has not begun
    if (request.body && 'destroy' in request.body) request.body.destroy()
    reject(reason)
  }
  function flushWaiting(): void {
    if (headWaits) flushHead(response, headWaits)
  }
  // undici's own limit starts anew with each interim answer
  function limitHead(): void {
    headTimer = setTimeout(() => {
      if (isArriving(request.body)) limitHead()
      else abort(lateHead(headTimeout))
    }, headTimeout)
  }
  response.on('drain', () => controller?.resume())
  response.on('close', () => {
    if (response.writableFinished) resolve()
    else abort(clientGone())
  })

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started
      if (failure) started.abort(failure)
    },
    onResponseStart({ rawHeaders }, status, _headers, reason) {
      if (failure) return
      // interim answers are dropped: none of them is the answer
      if (status < 200) {
        if (!headTimer) limitHead()
        return
      }
      clearTimeout(headTimer)
      const raw = (rawHeaders as readonly Buffer[]).map((bytes) => bytes.toString('latin1'))
      checkCoding(raw)
      const fields = exposeFields(headFields(status, raw), exposed)
      response.writeHead(status, plainReason(reason), fields)
      // most bodies are here already and go out with the head; an event stream begins without one
      headWaits = fields
      setImmediate(flushWaiting)
    },
    onResponseData(paused, chunk) {
      headWaits = undefined
      if (!response.write(chunk)) paused.pause()
    },
    onResponseEnd() {
      headWaits = undefined
      response.end()
    },
    onResponseError(_controller, error) {
      abort(upstreamError(error))
    },
  }
  if (response.destroyed) {
    abort(clientGone())
  } else {
    const options = { ...request, servername: ANY_NAME }
    // undici's types know only the usual methods, and nothing of the name
    dispatcher.dispatch(options as Dispatcher.DispatchOptions, handler)
  }
  return { done, abort }
}

/** True while the client still sends the body, for which the upstream may wait. */
function isArriving(body: OutgoingRequest['body']): boolean {
  return body !== null && 'readableEnded' in body && !body.readableEnded
}

function lateHead(milliseconds: number): CountersignError {
  const message = `expected a response head within ${milliseconds} ms`
  return new CountersignError('upstream/timeout', message)
}

/** A reason phrase that every client reads; another is left to the status (RFC 9112 section 4). */
function plainReason(reason = ''): string {
  return /^[\t\x20-\x7e]*$/.test(reason) ? reason : ''
}

/** RFC 9110 section 8.6: an answer without content says no length. */
function headFields(status: number, rawHeaders: readonly string[]): string[] {
  const fields = responseHeaders(rawHeaders)
  if (status !== 204) return fields
  return fields.filter(
    (_, index) => fields[index - (index % 2)]?.toLowerCase() !== 'content-length',
  )
}
