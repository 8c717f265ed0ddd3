import { CountersignError } from '../errors.ts'

/** The end of a request, `request/aborted`, whose client went away before all of it or of its answer had passed. */
export function clientGone(cause?: unknown): CountersignError {
  const message = 'expected the client to stay until its answer'
  return new CountersignError('request/aborted', message, {}, { cause })
}
