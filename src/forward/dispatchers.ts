import type { LookupFunction } from 'node:net'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import type { Upstream } from '../compiled.ts'
import { IDLE_TIMEOUT, tlsOptions, upstreamLookup } from './connection.ts'

/** Connection pools to upstreams. */
export interface Dispatchers {
  /** The pool of an upstream; upstreams that are reached the same way share one, over reloads too. */
  get(upstream: Upstream): Dispatcher
  /** Closes every pool after its requests have ended. */
  close(): Promise<void>
}

interface OpenPool {
  readonly upstream: Upstream
  readonly pool: Pool
}

/** Creates the pools of one proxy. */
export function createDispatchers(lookup = upstreamLookup()): Dispatchers {
  const known = new WeakMap<Upstream, Pool>()
  const pools: OpenPool[] = []

  function find(upstream: Upstream): Pool {
    let open = pools.find((candidate) => isReachedLike(candidate.upstream, upstream))
    if (!open) {
      open = { upstream, pool: createPool(upstream, lookup) }
      pools.push(open)
    }
    known.set(upstream, open.pool)
    return open.pool
  }
  return {
    get: (upstream) => known.get(upstream) ?? find(upstream),
    async close() {
      await Promise.all(pools.map(({ pool }) => pool.close()))
    },
  }
}

function isReachedLike(one: Upstream, other: Upstream): boolean {
  const parts = plainParts(other)
  const sameKey = one.tls?.key?.equals(other.tls?.key) ?? other.tls?.key === undefined
  return sameKey && plainParts(one).every((part, index) => part === parts[index])
}

function plainParts({ origin, timeouts, tls, connections }: Upstream) {
  const { connect, headers, body } = timeouts
  return [origin, tls?.ca, tls?.cert, connect, headers, body, connections]
}

function createPool(upstream: Upstream, lookup: LookupFunction): Pool {
  const { origin, timeouts, connections } = upstream
  const connector = buildConnector({
    allowH2: false,
    timeout: timeouts.connect,
    lookup,
    ...tlsOptions(upstream),
  })
  return new Pool(origin, {
    // the head that was decided on is written as HTTP/1.1, line by line
    allowH2: false,
    connections,
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.body,
    keepAliveTimeout: IDLE_TIMEOUT,
    // the upstream's name is known; undici's would be that of a request
    connect: ({ servername: _, ...options }, callback) =>
      connector(options, (...connected) => {
        connected[1]?.once('error', markReset)
        callback(...connected)
      }),
  })
}

// undici takes a reset for the end of an answer without a length, which may have lost its tail; it knows a
// reset by this code only, and hears of it after us.
function markReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET'
}
