import type { Duplex } from 'node:stream'

/** The head of an answer as it was received. */
export interface ResponseHead {
  readonly status: number
  /** Octets as characters; empty when there is none. */
  readonly reason: string
  /** Names and values by turns, octets as characters. */
  readonly fields: readonly string[]
}

/** What can be done with an exchange that has begun. */
export interface ExchangeControl {
  /** Lets the upstream wait; what has been read from it may still come. */
  pause(): void
  resume(): void
  isPaused(): boolean
  /** Gives the exchange up: its connection is destroyed, and its handler hears no more of it. */
  abort(reason: Error): void
}

/** Who hears of one exchange with an upstream; what it throws ends the exchange with `onError`. */
export interface ExchangeHandler {
  /** There is a connection, and the request is about to be sent: not any more when it is aborted here. */
  onStart(control: ExchangeControl): void
  /** An interim answer, of which `100` is not told, or the head of the final one. */
  onHead(head: ResponseHead): void
  /** The connection has changed to the protocol that was asked for; what has come in it is yet to be read. */
  onUpgrade(head: ResponseHead, socket: Duplex): void
  /** More of the content: bytes that are others after the call. */
  onData(chunk: Buffer): void
  /** The answer is complete, with this last of its content: bytes that are others after the call. */
  onEnd(last?: Buffer): void
  /** There will be no more of it; called once, and not after `onEnd`, `onUpgrade` or `abort`. */
  onError(error: Error): void
}
