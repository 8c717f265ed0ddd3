import type { Compiled, Route } from '../compiled.ts'

/**
 * What one of several workers may take on of what the files allow the proxy: its part of the connections and requests
 * of clients, and of the connections to each upstream, streams and waiting requests included, of each at least one.
 */
export function ownShare(compiled: Compiled, workers: number): Compiled {
  const part = (whole: number) => Math.max(1, Math.floor(whole / workers))
  const { limits, routes } = compiled
  return {
    ...compiled,
    limits: {
      ...limits,
      connections: part(limits.connections),
      requests: part(limits.requests),
    },
    routes: routes.map((route) => withPool(route, part)),
  }
}

function withPool(route: Route, part: (whole: number) => number): Route {
  const { upstream } = route
  if (!upstream) return route
  const { connections, streams, queue } = upstream.pool
  const pool = {
    connections: part(connections),
    streams: part(streams),
    queue: queue === 0 ? 0 : part(queue),
  }
  return { ...route, upstream: { ...upstream, pool } }
}
