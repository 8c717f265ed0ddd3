import { type Address, formatAddress } from '../address.ts'
import type { Upstream } from '../compiled.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import type { Connection } from './connection.ts'
import type { Connector } from './connector.ts'
import { createHttp1Connection } from './http1/connection.ts'
import { createKnock } from './knock.ts'
import type { Outcome } from './lease.ts'
import type { PoolTools } from './pool-tools.ts'
import { createUndiciConnection } from './undici/connection.ts'

/** One address of an upstream and the connections to it. */
export interface UpstreamAddress {
  readonly address: Address
  readonly breaker: Breaker
  /** True when it gets requests, as `Breaker.admits`; else it is looked whether it can be reached again. */
  admits(isBrief?: boolean): boolean
  /** Exchanges under way. */
  pending(): number
  /** A connection for an exchange: one that waits, unless it has to be `fresh`, or a new one. */
  take(isFresh?: boolean): Connection
  /** Gives back what `take` gave; what cannot be used again is closed. */
  give(connection: Connection, outcome: Outcome): void
  /** Closes the connections that wait, and from now on each after its exchange. */
  retire(): void
}

/** Creates it without connections. */
export function createUpstreamAddress(
  upstream: Upstream,
  address: Address,
  connect: Connector,
  { monotonic, observe }: PoolTools,
): UpstreamAddress {
  const { failures = Number.POSITIVE_INFINITY, openFor = 0 } = upstream.breaker ?? {}
  const name = formatAddress(address)
  const createConnection = upstream.http2 ? createUndiciConnection : createHttp1Connection
  const breaker = createBreaker({
    failures,
    openFor,
    monotonic,
    onChange: (state, failed) =>
      observe({
        type: 'breaker',
        upstream: upstream.origin,
        address: name,
        state,
        failures: failed,
      }),
  })
  /** The last that was used is used first, so that what is too many ends by its idle time. */
  const idle: Connection[] = []
  /** The one that takes every exchange, where HTTP/2 is spoken. */
  let shared: Connection | undefined
  let isShared = false
  let pending = 0
  let isRetired = false
  /** True when the last failure was that no connection could be opened. */
  let isUnreachable = false
  const knock = createKnock(address, connect, monotonic, breaker.hasten)

  function create(): Connection {
    const connection: Connection = createConnection(upstream, address, connect, {
      onOpen(sharing) {
        isShared = sharing
        if (sharing) shared ??= connection
        else if (shared === connection) shared = undefined
      },
      onClose() {
        if (shared === connection) shared = undefined
        const index = idle.indexOf(connection)
        if (index < 0) return
        idle.splice(index, 1)
        connection.destroy()
      },
    })
    if (isShared) shared = connection
    return connection
  }
  return {
    address,
    breaker,
    admits(isBrief) {
      if (breaker.admits(isBrief)) return true
      if (isUnreachable && breaker.state() === 'open') knock.attempt()
      return false
    },
    pending: () => pending,
    take(isFresh = false) {
      pending += 1
      const connection = (isFresh ? undefined : (shared ?? idle.pop())) ?? create()
      connection.begin()
      return connection
    },
    give(connection, outcome) {
      pending -= 1
      connection.end(outcome)
      isUnreachable = outcome !== 'ok' && !connection.wasOpen()
      const isUsable = connection.isOpen() && !isRetired
      if (connection === shared) {
        // one exchange that failed says little about the others
        if (isUsable && !connection.isSilent()) return
        // nor does one that was given up while the connection is opened for them
        if (outcome === 'aborted' && connection.users() > 0 && !connection.wasOpen()) return
        shared = undefined
      }
      if (connection.users() > 0) return
      if (outcome === 'ok' && isUsable && !isShared) idle.push(connection)
      else connection.destroy()
    },
    retire() {
      isRetired = true
      for (const connection of idle.splice(0)) connection.destroy()
      if (shared?.users() === 0) {
        shared.destroy()
        shared = undefined
      }
    },
  }
}
