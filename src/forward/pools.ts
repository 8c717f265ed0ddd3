import type { LookupFunction } from 'node:net'
import type { Upstream } from '../compiled.ts'
import type { UpstreamUsage } from '../observe.ts'
import { createConnector, upstreamLookup } from './connector.ts'
import { createPool, type Pool } from './pool.ts'
import type { PoolTools } from './pool-tools.ts'

/** The pools of one proxy. */
export interface Pools {
  /** The pool of an upstream; upstreams that are reached the same way share one, over reloads too. */
  get(upstream: Upstream): Pool
  /** Retires the pools of all other upstreams: they close their connections, each after its exchange. */
  retain(upstreams: Iterable<Upstream>): void
  /** What is under way, by pool. */
  usage(): readonly UpstreamUsage[]
  /** Retires every pool; resolves when the last exchange has ended. */
  close(): Promise<void>
}

/** What pools take from outside. */
export interface PoolsOptions extends PoolTools {
  /** Finds the addresses of names. Default: `upstreamLookup()`. */
  readonly lookup?: LookupFunction
}

interface OpenPool {
  readonly upstream: Upstream
  readonly pool: Pool
}

/** Creates the pools of one proxy, none yet. */
export function createPools({ lookup = upstreamLookup(), ...tools }: PoolsOptions): Pools {
  const known = new WeakMap<Upstream, Pool>()
  let open: OpenPool[] = []
  const retiring = new Map<Pool, Promise<void>>()

  function find(upstream: Upstream): Pool {
    let found = open.find((candidate) => isReachedLike(candidate.upstream, upstream))
    if (!found) {
      const pool = createPool(upstream, createConnector(upstream, lookup), tools)
      found = { upstream, pool }
      open.push(found)
    }
    known.set(upstream, found.pool)
    return found.pool
  }
  function retire(pool: Pool): void {
    const ended = pool.retire().then(() => void retiring.delete(pool))
    retiring.set(pool, ended)
  }
  function retain(upstreams: Iterable<Upstream>): void {
    const wanted = [...upstreams]
    const { kept = [], rest = [] } = Object.groupBy(open, ({ upstream }) =>
      wanted.some((other) => isReachedLike(upstream, other)) ? 'kept' : 'rest',
    )
    open = kept
    for (const { pool } of rest) retire(pool)
  }
  return {
    get: (upstream) => known.get(upstream) ?? find(upstream),
    retain,
    usage: () => [...open.map(({ pool }) => pool), ...retiring.keys()].map((pool) => pool.usage()),
    async close() {
      retain([])
      await Promise.all(retiring.values())
    },
  }
}

function isReachedLike(one: Upstream, other: Upstream): boolean {
  const sameKey = one.tls?.key?.equals(other.tls?.key) ?? other.tls?.key === undefined
  return sameKey && plainParts(one) === plainParts(other)
}

/** All but the key, and but what does not matter to a connection, as a text. */
function plainParts(upstream: Upstream): string {
  return JSON.stringify({
    ...upstream,
    host: undefined,
    forwarded: undefined,
    timeouts: { ...upstream.timeouts, request: undefined },
    tls: { ...upstream.tls, key: undefined },
  })
}
