import type { Address } from '../address.ts'
import type { Upstream } from '../compiled.ts'
import type { Connector } from './connector.ts'
import type { ExchangeHandler } from './exchange-handler.ts'
import type { Outcome } from './lease.ts'
import type { OutgoingRequest } from './outgoing-request.ts'

/** A connection to one address: for one exchange at a time, or with HTTP/2 for many. */
export interface Connection {
  /** Sends a request, over a new connection when there is none; does not throw. */
  dispatch(request: OutgoingRequest, handler: ExchangeHandler): void
  /** Begins an exchange. */
  begin(): void
  /** Ends one. */
  end(outcome: Outcome): void
  /** How many exchanges are under way. */
  users(): number
  isOpen(): boolean
  /** False when the last attempt to open it failed, or none has ended. */
  wasOpen(): boolean
  /** True when an exchange had ended well on it, and nothing has arrived since: the other side may have closed it. */
  isStale(): boolean
  /**
   * True when an exchange has failed of which no byte had arrived, or two were given up without a byte between them:
   * what serves many may have died unnoticed.
   */
  isSilent(): boolean
  destroy(): void
}

/** Who hears of a connection. */
export interface ConnectionHooks {
  /** It is open; true when it serves many exchanges at a time. */
  onOpen(isShared: boolean): void
  onClose(): void
}

/** Creates a connection that is opened by its first exchange. */
export type ConnectionFactory = (
  upstream: Upstream,
  address: Address,
  connect: Connector,
  hooks: ConnectionHooks,
) => Connection
