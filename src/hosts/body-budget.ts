import type { ServerResponse } from 'node:http'
import { CountersignError } from '../errors.ts'

/** Bytes of the bodies of all requests together that a host buffers: 128 MiB. */
export const BODY_BUDGET = 128 * 1024 * 1024

/** What the buffered bodies of all requests may take together. */
export interface BodyBudget {
  /**
   * What counts a body until the exchange of `response` ends: it is told the bytes of each part before that is kept,
   * and throws `overload` beyond the limit. Throws the same while nothing is given.
   */
  counter(response: ServerResponse): (bytes: number) => void
}

/** Creates a budget of `limit` bytes, of which nothing is given while `isShort`. */
export function createBodyBudget(limit = BODY_BUDGET, isShort = () => false): BodyBudget {
  let used = 0
  return {
    counter(response) {
      if (isShort()) throw tooMuch()
      let held = 0
      // told to answers that still wait for their turn on the connection too
      response.once('close', release)
      function release(): void {
        used -= held
        held = 0
      }
      return (bytes) => {
        if (used + bytes > limit) {
          release()
          throw tooMuch()
        }
        if (response.closed) return
        used += bytes
        held += bytes
      }
    },
  }
}

function tooMuch(): CountersignError {
  return new CountersignError('overload', 'expected fewer buffered bodies at once')
}
