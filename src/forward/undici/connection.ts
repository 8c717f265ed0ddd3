import type { Socket } from 'node:net'
import type { Client, Dispatcher } from 'undici'
import type { ConnectionFactory } from '../connection.ts'
import { type ContinueFilter, filterContinue } from './continue-filter.ts'
import { dispatchHandler } from './dispatch-handler.ts'
import { withUndici } from './load.ts'
import { requireStreamEnds } from './stream-ends.ts'

/** Else undici takes the Host field for the name, and begins a new connection for each other one. */
const ANY_NAME = 'upstream'

/** Creates a connection by undici, which speaks HTTP/2 with whoever offers it, else HTTP/1.1. */
export const createUndiciConnection: ConnectionFactory = (upstream, address, connect, hooks) => {
  const { timeouts, http2, pool } = upstream
  let client: Client | undefined
  let filter: ContinueFilter | undefined
  let isDestroyed = false
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
  function create({ Client: UndiciClient }: typeof import('undici')): Client {
    return new UndiciClient(upstream.origin, {
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
          if (socket && !isDestroyed) onSocket(socket)
          // undici's type wants one of two pairs
          callback(...([error, socket] as [null, Socket]))
        })
      },
    }).on('disconnect', () => {
      isOpen = false
      hooks.onClose()
    })
  }
  return {
    dispatch(request, handler) {
      withUndici((undici) => {
        client ??= create(undici)
        if (isDestroyed) client.destroy()
        // undici's types know only the usual methods, and nothing of the name
        const options = { ...request, servername: ANY_NAME } as Dispatcher.DispatchOptions
        client.dispatch(options, dispatchHandler(handler))
      })
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
    destroy() {
      isDestroyed = true
      client?.destroy()
    },
  }
}
