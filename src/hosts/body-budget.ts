import type { IncomingMessage, ServerResponse } from 'node:http'
import { CountersignError } from '../errors.ts'

/** Bytes of the bodies of all requests together that a host buffers: 128 MiB. */
export const BODY_BUDGET = 128 * 1024 * 1024

/** What the buffered bodies of all requests may take together. */
export interface BodyBudget {
  /** Passes the body of `message` on and counts it until its exchange ends; throws `overload` beyond the limit. */
  count(message: IncomingMessage, response: ServerResponse): AsyncIterable<Uint8Array>
}

/** Creates a budget of `limit` bytes, of which nothing is given while `isShort`. */
export function createBodyBudget(limit = BODY_BUDGET, isShort = () => false): BodyBudget {
  let used = 0
  return {
    async *count(message, response) {
      if (isShort()) throw tooMuch()
      let held = 0
      // told to answers that still wait for their turn on the connection too
      response.once('close', release)
      function release(): void {
        used -= held
        held = 0
      }
      // leaving the loop early would destroy the connection, and the client would never read our answer
      for await (const chunk of message.iterator({ destroyOnReturn: false })) {
        if (used + chunk.length > limit) {
          release()
          throw tooMuch()
        }
        if (!response.closed) {
          used += chunk.length
          held += chunk.length
        }
        yield chunk
      }
    },
  }
}

function tooMuch(): CountersignError {
  return new CountersignError('overload', 'expected fewer buffered bodies at once')
}
