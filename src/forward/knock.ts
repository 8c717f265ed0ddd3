import type { Address } from '../address.ts'
import type { Connector } from './connector.ts'

/** Finds out whether an address that could not be reached can be reached again. */
export interface Knock {
  /** Opens a connection and closes it, unless that was done shortly before. */
  attempt(): void
}

/** Milliseconds between two attempts. */
const PAUSE = 250

/**
 * Creates what looks, without a request, for an address to come back: `onReached` is called when a connection to it
 * could be opened. A server that returns is found within a fraction of a second, however long its breaker is open.
 */
export function createKnock(
  address: Address,
  connect: Connector,
  monotonic: () => number,
  onReached: () => void,
): Knock {
  let next = Number.NEGATIVE_INFINITY
  let isUnderWay = false
  return {
    attempt() {
      if (isUnderWay || monotonic() < next) return
      isUnderWay = true
      connect(address, (_error, socket) => {
        isUnderWay = false
        next = monotonic() + PAUSE
        if (!socket) return
        socket.destroy()
        onReached()
      })
    },
  }
}
