import { isIP } from 'node:net'
import type { Route, Upstream } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import { fold } from '../header-name.ts'
import type { Scope } from '../kind.ts'
import type { RequestHead, UpstreamUrl } from '../types.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { GatewayFile } from './gateway-file.ts'
import type { RouteConfig } from './gateway-schema.ts'
import { compileMatch } from './match.ts'
import { createScope } from './scope.ts'
import { readTls } from './upstream-tls.ts'

type UpstreamConfig = Exclude<RouteConfig['upstream'], string>

/** Compiles the routes of a gateway file, in its order; what is wrong is added to `diagnostics`. */
export async function compileRoutes(
  file: GatewayFile | undefined,
  environment: Environment,
  diagnostics: Diagnostic[],
): Promise<Route[]> {
  if (!file) return []
  const scope = createScope(file.document, environment, diagnostics)
  checkNames(file.document.value, scope)
  const routes: Route[] = []
  for (const [index, config] of (file.config?.routes ?? []).entries()) {
    const route = await compileRoute(config, scope.at('routes', index))
    if (route) routes.push(route)
  }
  return routes
}

/** Reports names that two routes have, also in a file that does not fit the schema. */
function checkNames(document: unknown, scope: Scope): void {
  const { routes } = (document ?? {}) as { readonly routes?: unknown }
  if (!Array.isArray(routes)) return
  const names = routes.map((route: { readonly name?: unknown } | null) => route?.name)
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string' || names.indexOf(name) === index) continue
    scope.report(['routes', index, 'name'], {
      severity: 'error',
      rule: 'gateway/duplicate-route',
      message: `expected a name of its own, "${name}" names another route`,
      hint: 'choose another name',
    })
  }
}

async function compileRoute(config: RouteConfig, scope: Scope): Promise<Route | undefined> {
  const upstream = typeof config.upstream === 'string' ? { url: config.upstream } : config.upstream
  const tls = upstream.tls && (await readTls(upstream.tls, scope.at('upstream', 'tls')))
  if (upstream.tls && !tls) return undefined
  const url = new URL(upstream.url)
  return {
    name: config.name,
    unmatched: config.unmatched ?? 'reject',
    headerNames: new Set(Object.keys(config.match?.headers ?? {}).map(fold)),
    upstream: compileUpstream(url, upstream, tls),
    matches: compileMatch(config.match),
    upstreamUrl: compileUrl(url, upstream, config.match?.path ?? '/'),
  }
}

function compileUpstream(
  url: URL,
  { hostHeader = 'upstream', timeouts = {}, pool = {} }: UpstreamConfig,
  tls: Upstream['tls'],
): Upstream {
  const { connect = 2000, headers = 30_000, body = 30_000 } = timeouts
  return {
    origin: url.origin,
    servername: isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? url.hostname : '',
    timeouts: { connect, headers, body },
    connections: pool.connections ?? 128,
    ...(hostHeader !== 'client' && { host: hostHeader === 'upstream' ? url.host : hostHeader }),
    ...(tls && { tls }),
  }
}

/** Base path, then the request path with the matched prefix kept, stripped or replaced. */
function compileUrl(
  url: URL,
  { stripPrefix = false, rewrite }: UpstreamConfig,
  matched: string,
): (head: RequestHead) => UpstreamUrl {
  const scheme = url.protocol.slice(0, -1)
  const port = Number(url.port) || (scheme === 'https' ? 443 : 80)
  const base = trimEnd(url.pathname)
  const prefix = rewrite === undefined && !stripPrefix ? undefined : trimEnd(matched)
  const replacement = trimEnd(rewrite ?? '')
  return ({ requestPath, queryString }) => {
    const rest = prefix === undefined ? requestPath : replacement + requestPath.slice(prefix.length)
    const path = base + rest || '/'
    const query = queryString === '' ? '' : `?${queryString}`
    return {
      url: `${url.origin}${path}${query}`,
      scheme,
      host: url.hostname,
      port,
      path,
      query: queryString,
    }
  }
}

function trimEnd(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}
