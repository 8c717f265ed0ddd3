import type { CountersignError } from './errors.ts'

/** One request has been answered, refused or given up. */
export interface RequestEvent {
  readonly type: 'request'
  readonly requestId: string
  readonly method: string
  /** The client's path, without the query. */
  readonly path: string
  readonly status: number
  readonly durationMs: number
  readonly route?: string | undefined
  /** Name of the authenticator that recognised the caller. */
  readonly authenticator?: string | undefined
  /** What each policy did, in order. */
  readonly policies: readonly PolicyTrace[]
  readonly error?: CountersignError
}

/** What one policy did for one request: names only, never a value. */
export interface PolicyTrace {
  readonly policy: string
  readonly applied: boolean
  readonly trace?: Readonly<Record<string, string>> | undefined
  /** Set when the policy failed and lets pass. */
  readonly failure?: CountersignError | undefined
}

/** The files were read again; when not `accepted`, what served before goes on serving. */
export interface ConfigurationEvent {
  readonly type: 'configuration'
  readonly accepted: boolean
  readonly generation: number
  /** How many policies it enables; 0 when it was not accepted. */
  readonly policies: number
  /** How many it disables. */
  readonly disabled: number
  /** What is wrong or worth saying, as `file:line:col: severity[rule] message`. */
  readonly findings: readonly { readonly severity: string; readonly text: string }[]
}

/** A cached token could not be renewed; the old one is served while it is usable. */
export interface RenewalEvent {
  readonly type: 'renewal'
  readonly policy: string
  readonly error: CountersignError
  /** Milliseconds since the epoch until which the old token is served; then requests are refused. */
  readonly servedUntil: number
  /** How many renewals of the policy of this name have failed since the start. */
  readonly failures: number
}

/** A JWK set that inbound tokens are checked with was fetched, or could not be. */
export interface KeySetEvent {
  readonly type: 'keySet'
  /** Origin and path of its URL. */
  readonly url: string
  /** Why it could not be fetched; absent when it was. */
  readonly error?: CountersignError
  /** Milliseconds for which the last good set may still be used; 0 when there is none. */
  readonly usableFor: number
  /** How many fetches have failed since the last good one, or until this one that is good. */
  readonly failures: number
}

/** The circuit breaker of one address of an upstream has changed. */
export interface BreakerEvent {
  readonly type: 'breaker'
  /** Origin of the upstream: `https://orders.example.com`. */
  readonly upstream: string
  /** `host:port` that connections go to. */
  readonly address: string
  /** `open`: it gets no requests; `halfOpen`: one request tries it; `closed`: it serves. */
  readonly state: 'open' | 'halfOpen' | 'closed'
  /** Failures that have led to it. */
  readonly failures: number
}

/** A request was sent once more, as its kept-alive connection had been closed meanwhile. */
export interface RetryEvent {
  readonly type: 'retry'
  /** Origin of the upstream. */
  readonly upstream: string
}

/** A client's connection was not served. */
export interface ConnectionEvent {
  readonly type: 'connection'
  /** `limit`: too many are open; `handshake`: it did not agree on TLS. */
  readonly refused: 'limit' | 'handshake'
  /** `ip:port` of the client. */
  readonly remoteAddress: string
  /** Name of the cause, never its text. */
  readonly cause?: string
}

/** Requests began to be refused because there is more to do than can be done, or are accepted again. */
export interface OverloadEvent {
  readonly type: 'overload'
  readonly active: boolean
  /** What is short: time of the event loop, or memory. */
  readonly cause: 'eventLoop' | 'memory'
}

/** A worker process has ended although nobody told it to; another takes its place. */
export interface WorkerEvent {
  readonly type: 'worker'
  /** Its number, from 1. */
  readonly worker: number
  /** Exit code, or name of the signal that ended it; when it could not be started, code of the error: `EAGAIN`. */
  readonly ended: number | string
  /** Milliseconds until the next one is started. */
  readonly restartIn: number
}

/** The wall clock has moved otherwise than time passed. */
export interface ClockEvent {
  readonly type: 'clock'
  /** How far it has jumped, in milliseconds. */
  readonly jump: number
}

/** How late the event loop ran what was due, in seconds. */
export interface LoopDelay {
  readonly median: number
  readonly p99: number
  readonly max: number
}

/** What is under way with one upstream. */
export interface UpstreamUsage {
  /** Origin of the upstream; two ways to reach it are told of as two. */
  readonly upstream: string
  /** Exchanges under way that are no streams. */
  readonly inUse: number
  readonly streams: number
  /** Requests that wait for a connection. */
  readonly waiting: number
}

/** What a proxy is busy with. */
export interface Workload {
  /** Requests under way, without streams. */
  readonly requests: number
  /** Open connections of clients. */
  readonly connections: number
  /** In the last 15 to 30 seconds. */
  readonly loopDelay: LoopDelay
  readonly upstreams: readonly UpstreamUsage[]
}

/** What is served, and whether the files have changed to something that was refused. */
export interface ConfigurationState {
  /** Counts the readings of the files; this one serves. */
  readonly generation: number
  /** When it was loaded, in milliseconds since the epoch. */
  readonly loadedAt: number
  /** Milliseconds since then, whatever became of the wall clock. */
  readonly age?: number
  /** True when a later reading was refused. */
  readonly degraded: boolean
  /** Why the last reading was refused, as `file:line:col: error[rule] message`; empty when it was not. */
  readonly refusals?: readonly string[]
}

/** Everything that logs, metrics and the admin page can know. */
export type ObservedEvent =
  | RequestEvent
  | ConfigurationEvent
  | RenewalEvent
  | KeySetEvent
  | BreakerEvent
  | RetryEvent
  | ConnectionEvent
  | OverloadEvent
  | ClockEvent
  | WorkerEvent

/** Receives every event; must not throw. */
export type Observer = (event: ObservedEvent) => void

/** Hands every event to each of `observers`. */
export function observeAll(observers: readonly Observer[]): Observer {
  return (event) => {
    for (const observer of observers) observer(event)
  }
}
