import { isIP } from 'node:net'
import type { Upstream, UpstreamTls } from '../compiled.ts'
import type { RequestHead, UpstreamUrl } from '../types.ts'
import { MIN_VERSION } from './tls-schema.ts'
import type { UpstreamConfig } from './upstream-schema.ts'

/** How an upstream at `url` is reached; `files` is what its PEM files hold. */
export function compileUpstream(
  url: URL,
  config: UpstreamConfig,
  files: Omit<UpstreamTls, 'minVersion'> | undefined,
): Upstream {
  const { hostHeader = 'upstream', timeouts = {}, pool = {}, breaker = {} } = config
  const { connect = 2000, headers = 30_000, body = 30_000, idle = 4000, request } = timeouts
  const { minVersion = MIN_VERSION, serverName } = config.tls ?? {}
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  return {
    origin: url.origin,
    addresses: config.addresses ?? [{ host, port }],
    servername: serverName ?? (isIP(host) === 0 ? host : ''),
    timeouts: { connect, headers, body, idle, ...(request !== undefined && { request }) },
    http2: config.http2 ?? false,
    pool: {
      connections: pool.connections ?? 128,
      streams: pool.streams ?? 1024,
      queue: pool.queue ?? 1024,
    },
    forwarded: config.forwarded ?? 'none',
    ...(breaker !== 'off' && {
      breaker: { failures: breaker.failures ?? 5, openFor: breaker.openFor ?? 5000 },
    }),
    ...(hostHeader !== 'client' && { host: hostHeader === 'upstream' ? url.host : hostHeader }),
    ...(url.protocol === 'https:' && { tls: { ...files, minVersion } }),
  }
}

/** Base path, then the request path with its first `matched` segments kept, stripped or replaced. */
export function compileUrl(
  url: URL,
  { stripPrefix = false, rewrite }: UpstreamConfig,
  matched: number,
): (head: RequestHead) => UpstreamUrl {
  const scheme = url.protocol.slice(0, -1)
  const port = Number(url.port) || (scheme === 'https' ? 443 : 80)
  const base = trimEnd(url.pathname)
  const isKept = rewrite === undefined && !stripPrefix
  const replacement = trimEnd(rewrite ?? '')
  return ({ requestPath, requestUri, queryString }) => {
    const rest = isKept ? requestPath : replacement + withoutSegments(requestPath, matched)
    const path = base + rest || '/'
    // a `?` with nothing behind it belongs to the target, too
    const mark = queryString !== '' || requestUri.endsWith('?') ? '?' : ''
    return {
      url: `${url.origin}${path}${mark}${queryString}`,
      scheme,
      host: url.hostname,
      port,
      path,
      query: queryString,
    }
  }
}

function withoutSegments(path: string, count: number): string {
  let end = 0
  for (let passed = 0; passed < count && end >= 0; passed += 1) end = path.indexOf('/', end + 1)
  return end < 0 ? '' : path.slice(end)
}

function trimEnd(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}
