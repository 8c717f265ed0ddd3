import type { RequestBody } from './request-body.ts'

/** One request as it goes on the wire, complete before anything is sent. */
export interface OutgoingRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Names and values by turns. */
  readonly headers: readonly string[]
  /** A stream of the client's body, bytes that were decided upon, or nothing. */
  readonly body: RequestBody | Buffer | null
  /** The protocol that the connection is to change to. */
  readonly upgrade?: 'websocket'
  /** True when a credential of it is for a single use: it is never sent twice. Default: false. */
  readonly isSingleUse?: boolean
  /** True once a credential of it is good no more: it is not sent then. Default: never. */
  isExpired?(): boolean
}

/** True while the client still sends the body, for which the upstream may wait. */
export function isArriving(body: OutgoingRequest['body']): body is RequestBody {
  return body !== null && 'readableEnded' in body && !body.readableEnded
}
