import type { Address } from '../address.ts'
import type { ExchangeHandler } from './exchange-handler.ts'
import type { OutgoingRequest } from './outgoing-request.ts'

/** How an exchange went, as far as it tells about the upstream: `aborted` tells nothing. */
export type Outcome = 'ok' | 'failed' | 'aborted'

/** The right to one exchange with an upstream, and a connection for it. */
export interface Lease {
  /** Where the connection goes. */
  readonly address: Address
  /** Sends the request. */
  dispatch(request: OutgoingRequest, handler: ExchangeHandler): void
  /** True when the connection had served before and has not answered this exchange: the other side may have closed it. */
  isStale(): boolean
  /** Notes that a head has arrived: how the exchange ends says nothing about the address any more. */
  answered(): void
  /** Takes a new connection in place of this one for a second attempt; false when there were too many. */
  renew(): boolean
  /** Counts the exchange as a stream, so that a request may take its place; false when there are too many streams. */
  asStream(): boolean
  /** Ends the lease, whatever happened; another call does nothing. */
  done(outcome: Outcome): void
}
