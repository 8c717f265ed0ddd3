import { asCountersignError, CountersignError } from '../errors.ts'

/** An error on its way to another process. */
export type Fault = Pick<CountersignError, 'code' | 'message' | 'place' | 'retryAfter'>

/** What another process learns of an error: what the log of this one may tell. */
export function faultOf(error: unknown): Fault {
  const { code, message, place, retryAfter } = asCountersignError(error)
  return { code, message, place, retryAfter }
}

/** The error that a fault tells of. */
export function errorOf({ code, message, place, retryAfter }: Fault): CountersignError {
  return new CountersignError(code, message, place, { retryAfter })
}
