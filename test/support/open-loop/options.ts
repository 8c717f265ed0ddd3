/** What an open loop sends, where, and how it judges the answers; plain data, as it goes to another process. */
export interface OpenLoopOptions {
  /** Origins that take turns: `http://127.0.0.1:8080`. */
  readonly targets: readonly LoadTarget[]
  /** Requests a second on average; they come at random, as those of independent callers do. */
  readonly rate: number
  /** Length of the load; `stop()` ends it before. */
  readonly seconds: number
  /** The same seed gives the same arrivals and the same choice of requests. Default 1. */
  readonly seed?: number
  /** Idle connections that are kept; more are opened while all are busy. Default 32. */
  readonly keepAlive?: number
  /** Requests a second that come over a connection of their own. Default 8. */
  readonly fresh?: number
  /** What is sent. Default: the mix of the standard load. */
  readonly requests?: readonly LoadKind[]
  /** Milliseconds after which a request without the end of an answer has failed as `timeout`. Default 35,000. */
  readonly deadline?: number
  /** Most requests under way; more are not sent, and fail as `unsent`. Default 5000. */
  readonly inFlight?: number
  /** Checks the token that the upstream says it got; absent: answers are judged by their status alone. */
  readonly verify?: VerifyOptions
}

/** One place that requests go to. */
export interface LoadTarget {
  readonly url: string
  /** Asked every 100 ms as a balancer does: the target gets requests while it answers 200. Absent: always. */
  readonly ready?: string
}

/** One kind of request. */
export interface LoadKind {
  /** Its part of the requests, relative to those of the others. Default 1. */
  readonly share?: number
  /** Default `GET`. */
  readonly method?: string
  /** `{n}` stands for the request's number, `{m}` for that number modulo 100. Default `/`. */
  readonly path?: string
  /** Values have `{n}` and `{m}` too. */
  readonly headers?: Readonly<Record<string, string>>
  /** Size of the body, which is octets or, with that `content-type`, `{"text":"…"}` as JSON; absent: none. */
  readonly bytes?: number
  /** Statuses that are no failure. Default 200. */
  readonly statuses?: readonly number[]
}

/** How tokens are checked: against the JWK set (RFC 7517) that is served while the load runs. */
export interface VerifyOptions {
  readonly jwks: string
  /** Milliseconds for which a set is kept whatever comes; 0 (default) fetches anew for each unknown `kid`. */
  readonly keep?: number
  /** Seconds by which `iat` may lie ahead and `exp` behind. Default 1. */
  readonly leeway?: number
  /** Milliseconds that the clock of the signer is ahead of ours. Default 0. */
  readonly clock?: number
}

/** 80 % GET, 20 % POST of 2 KB. */
export const STANDARD_MIX: readonly LoadKind[] = [
  { share: 80, path: '/orders/{m}' },
  { share: 20, method: 'POST', path: '/orders', bytes: 2048 },
]

/** 500 requests a second over 32 kept connections and 8 new ones a second. */
export const STANDARD_LOAD = { rate: 500, keepAlive: 32, fresh: 8, requests: STANDARD_MIX } as const
