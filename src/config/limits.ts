import { peerList } from '../address-range.ts'
import type { ClientTimeouts, Compiled, Limits, Shutdown } from '../compiled.ts'
import type { GatewayConfig } from './gateway-schema.ts'

const LIMITS = {
  connections: 10_000,
  requests: 1024,
  headSize: 16 * 1024,
  headerLines: 1000,
  targetSize: 16 * 1024,
} satisfies Limits

const TIMEOUTS = {
  headers: 10_000,
  body: 30_000,
  request: 300_000,
  // longer than load balancers wait, so that they close a connection, not we
  idle: 65_000,
  write: 30_000,
} satisfies ClientTimeouts

const SHUTDOWN = { drainDelay: 5000, grace: 25_000 } satisfies Shutdown

/** What a gateway file says of clients, with the defaults. */
export function clientSettings({
  limits = {},
  timeouts = {},
  shutdown = {},
  trustedProxies = [],
}: Partial<GatewayConfig>): Pick<Compiled, 'limits' | 'timeouts' | 'shutdown' | 'trustsProxy'> {
  const { requestsPerConnection } = limits
  return {
    limits: {
      connections: limits.connections ?? LIMITS.connections,
      requests: limits.requests ?? LIMITS.requests,
      headSize: limits.headSize ?? LIMITS.headSize,
      headerLines: limits.headerLines ?? LIMITS.headerLines,
      targetSize: limits.targetSize ?? LIMITS.targetSize,
      ...(requestsPerConnection !== undefined && { requestsPerConnection }),
    },
    timeouts: {
      headers: timeouts.headers ?? TIMEOUTS.headers,
      body: timeouts.body ?? TIMEOUTS.body,
      request: timeouts.request ?? TIMEOUTS.request,
      idle: timeouts.idle ?? TIMEOUTS.idle,
      write: timeouts.write ?? TIMEOUTS.write,
    },
    shutdown: {
      drainDelay: shutdown.drainDelay ?? SHUTDOWN.drainDelay,
      grace: shutdown.grace ?? SHUTDOWN.grace,
    },
    trustsProxy: trustedProxies.length > 0 ? peerList(trustedProxies) : () => false,
  }
}
