/** What came of a load. Times are in milliseconds, each from the moment at which the request was due. */
export interface LoadReport extends Latency {
  /** Requests that were due. */
  readonly sent: number
  /** Those that were answered as they should. */
  readonly ok: number
  /** How many were not, by kind. */
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>
  /** How many, by kind and detail: `503 overload`. */
  readonly reasons: Readonly<Record<string, number>>
  /** Each of them, in the order in which they were due. */
  readonly failed: readonly Failure[]
  /** How long each way of ending took: `ok`, and the kinds of failures. */
  readonly latencyOf: Readonly<Record<string, Latency>>
  /** By second of the load: how many were due, and what came of them. */
  readonly seconds: readonly Second[]
  /** Every token that an upstream got, in the order in which they were first seen. */
  readonly tokens: readonly SeenToken[]
  /** How late the generator itself was: above some milliseconds, the figures say nothing about the proxy. */
  readonly lateness: Latency
  /** What gives the same load again. */
  readonly seed: number
}

/** Percentiles in milliseconds; NaN when there was nothing to measure. */
export interface Latency {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly worst: number
}

/**
 * A status that was not expected, or: `connect` no connection; `reset` it ended before the head of the answer; `cut` it
 * ended within the answer; `timeout` no end within the deadline; `unsent` too many were under way; `body` the upstream
 * got another body, or the answer makes no sense; `token` the token that it got is not good.
 */
export type FailureKind =
  | `${number}`
  | 'connect'
  | 'reset'
  | 'cut'
  | 'timeout'
  | 'unsent'
  | 'body'
  | 'token'

/** One request that failed. */
export interface Failure {
  readonly kind: FailureKind
  /** When it was due, in milliseconds since the epoch. */
  readonly at: number
  /** From then to its end. */
  readonly took: number
  /** More about it, such as an error code. */
  readonly detail?: string
}

/** One second of a load. */
export interface Second {
  readonly sent: number
  readonly ok: number
  readonly failed: number
  /** The slowest answer that was as it should be; 0 when there was none. */
  readonly worst: number
}

/** A token as an upstream got it. */
export interface SeenToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** When it was on the first and on the last request that was due, in milliseconds since the epoch. */
  readonly first: number
  readonly last: number
  readonly requests: number
}
