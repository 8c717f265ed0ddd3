import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CountersignError } from '../../errors.ts'
import { answerProblem } from '../answer-problem.ts'
import { refuseSocket } from './refuse-socket.ts'

/** One request of a client and our answer to it, while they are under way. */
export interface Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  /** What broke the client's message after its head; it has been answered then. */
  readonly failure: CountersignError | undefined
  /** Ends the exchange because the rest of the client's message cannot be read. */
  fail(error: CountersignError): void
  /** What to do besides when it fails. */
  onFail(listener: (error: CountersignError) => void): void
  /** Answers with a problem document, unless the exchange has failed. */
  refuse(error: CountersignError): void
  /** Ends it and those before it, as their connection is gone and node does not tell answers that wait for their turn. */
  abandon(): void
}

/** What an exchange is told and knows besides its message. */
export interface ExchangeOptions {
  readonly requestId: string
  /** The one before it on the connection. */
  readonly before: Exchange | undefined
  now(): number
}

/** Starts an exchange. */
export function createExchange(
  message: IncomingMessage,
  response: ServerResponse,
  { requestId, before: latest, now }: ExchangeOptions,
): Exchange {
  const { socket } = message
  const before = latest?.response.closed === false ? latest : undefined
  let listener: ((error: CountersignError) => void) | undefined
  let refused = false
  const exchange: OpenExchange = {
    message,
    response,
    failure: undefined,
    fail(error) {
      if (exchange.failure) return
      if (refused) {
        // the answer only waited for the rest of the message
        response.end()
        return
      }
      exchange.failure = error
      // behind an answer that has yet to come, a refusal would be taken for that answer
      const next = response.socket === socket && !response.headersSent
      if (next && error.code !== 'request/aborted')
        refuseSocket(error, socket, { requestId, now: now() })
      else socket.destroy()
      listener?.(error)
    },
    onFail(run) {
      listener = run
    },
    refuse(error) {
      if (exchange.failure) return
      refused = true
      answerProblem(message, response, error, requestId)
    },
    abandon() {
      before?.abandon()
      if (response.closed) return
      response.destroy()
      response.emit('close')
    },
  }
  return exchange
}

/** A getter in its place would give each exchange a shape of its own, which V8 keeps until a major collection. */
interface OpenExchange extends Exchange {
  failure: CountersignError | undefined
}
