import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import type { Address } from '../address.ts'
import type { Upstream } from '../compiled.ts'
import type { Connector } from './connector.ts'
import { type ContinueFilter, filterContinue } from './continue-filter.ts'
import type { Outcome } from './lease.ts'
import { requireStreamEnds } from './stream-ends.ts'

/** A connection to one address: for one exchange at a time, or with HTTP/2 for many. */
export interface Connection {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void
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

/** Else undici takes the Host field for the name, and begins a new connection for each other one. */
const ANY_NAME = 'upstream'

/** Creates a connection that is opened by its first exchange. */
export function createConnection(
  upstream: Upstream,
  address: Address,
  connect: Connector,
  hooks: ConnectionHooks,
): Connection {
  const { timeouts, http2, pool } = upstream
  let filter: ContinueFilter | undefined
  let isOpen = false
  let wasOpen = false
  let hasServed = false
  let isSilent = false
  let bytesRead = () => 0
  let readAtFailure = -1
  let readAtBegin = 0
  let users = 0

  function onSocket(socket: Socket): void {
    const isShared = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
    filter = isShared ? undefined : filterContinue(socket)
    bytesRead = () => socket.bytesRead
    isOpen = true
    wasOpen = true
    if (isShared) requireStreamEnds(socket)
    hooks.onOpen(isShared)
  }
  const client = new Client(upstream.origin, {
    allowH2: http2,
    // the clock of the exchange has these limits
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: timeouts.idle,
    // the upstream's `Keep-Alive: timeout=` shortens it only
    keepAliveMaxTimeout: timeouts.idle,
    ...(http2 && { h2Options: { maxConcurrentStreams: pool.connections + pool.streams } }),
    connect(_options, callback) {
      hasServed = false
      wasOpen = false
      connect(address, (error, socket) => {
        // undici destroys what comes too late
        if (socket && !client.destroyed) onSocket(socket)
        // undici's type wants one of two pairs
        callback(...([error, socket] as [null, Socket]))
      })
    },
  })
  client.on('disconnect', () => {
    isOpen = false
    hooks.onClose()
  })
  return {
    dispatch(options, handler) {
      // undici's types know nothing of the name
      client.dispatch({ ...options, servername: ANY_NAME } as Dispatcher.DispatchOptions, handler)
    },
    begin() {
      users += 1
      readAtBegin = bytesRead()
      filter?.expectHead()
    },
    end(outcome) {
      users -= 1
      hasServed ||= outcome === 'ok'
      if (outcome === 'ok') return
      isSilent = bytesRead() === (outcome === 'failed' ? readAtBegin : readAtFailure)
      readAtFailure = bytesRead()
    },
    users: () => users,
    isOpen: () => isOpen,
    wasOpen: () => wasOpen,
    isStale: () => hasServed && !filter?.heard(),
    isSilent: () => isSilent,
    destroy: () => void client.destroy(),
  }
}
