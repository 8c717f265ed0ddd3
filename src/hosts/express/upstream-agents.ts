import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Upstream } from '../../compiled.ts'
import { tlsOptions, upstreamLookup } from '../../forward/index.ts'

/** Gives the connection pool of an upstream, made on first use; an upstream that is forgotten takes its pool along. */
export function createUpstreamAgents(): (upstream: Upstream) => HttpAgent {
  const agents = new WeakMap<Upstream, HttpAgent>()
  return (upstream) => {
    const agent = agents.get(upstream) ?? createAgent(upstream)
    agents.set(upstream, agent)
    return agent
  }
}

const lookup = upstreamLookup()

function createAgent(upstream: Upstream): HttpAgent {
  const options = {
    keepAlive: true,
    maxSockets: upstream.pool.connections,
    timeout: upstream.timeouts.idle,
    lookup,
  }
  if (upstream.origin.startsWith('http:')) return new HttpAgent(options)
  // without a name, node would check the certificate against the Host field, which may be the client's
  return new HttpsAgent({ ...options, ...tlsOptions(upstream) })
}
