import { isIP } from 'node:net'
import type { Route, Upstream } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import type { Fault, Scope } from '../kind.ts'
import type { RequestHead, UpstreamUrl } from '../types.ts'
import type { NamedAuthenticators } from './authenticators.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { GatewayFile } from './gateway-file.ts'
import type { RouteConfig } from './gateway-schema.ts'
import { compileMatch, headersMatched } from './match.ts'
import { compileAdmission } from './route-admission.ts'
import { createScope } from './scope.ts'
import { readTls } from './tls-files.ts'

type UpstreamConfig = Exclude<RouteConfig['upstream'], string>

/** Compiles the routes of a gateway file, in its order; what is wrong is added to `diagnostics`. */
export async function compileRoutes(
  file: GatewayFile,
  authenticators: NamedAuthenticators,
  environment: Environment,
  diagnostics: Diagnostic[],
): Promise<Route[]> {
  const scope = createScope(file.document, environment, diagnostics)
  checkNames(file.document.value, scope)
  const routes: Route[] = []
  for (const [index, config] of (file.config?.routes ?? []).entries()) {
    const route = await compileRoute(config, authenticators, scope.at('routes', index))
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

const TLS_NAMING = { rule: 'upstream/tls-file', ca: 'ca' } as const

/** Said at each start: what goes out then carries nothing of ours. */
const FORWARDS: Fault = {
  severity: 'notice',
  rule: 'gateway/unmatched',
  message: 'requests that no policy applies to are forwarded without a credential',
}

async function compileRoute(
  config: RouteConfig,
  authenticators: NamedAuthenticators,
  scope: Scope,
): Promise<Route | undefined> {
  const admission = compileAdmission(config, authenticators, scope)
  const upstream = typeof config.upstream === 'string' ? { url: config.upstream } : config.upstream
  const tls = upstream.tls && (await readTls(upstream.tls, scope.at('upstream', 'tls'), TLS_NAMING))
  if (config.unmatched === 'forward') scope.report(['unmatched'], FORWARDS)
  if ((upstream.tls && !tls) || !admission) return undefined
  const url = new URL(upstream.url)
  const criteria = compileMatch(config.match, scope.at('match'))
  return {
    name: config.name,
    unmatched: config.unmatched ?? 'reject',
    headerNames: new Set(headersMatched(config.match)),
    upstream: compileUpstream(url, upstream, tls),
    criteria,
    admission,
    upstreamUrl: compileUrl(url, upstream, criteria.path?.length ?? 0),
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

/** Base path, then the request path with its first `matched` segments kept, stripped or replaced. */
function compileUrl(
  url: URL,
  { stripPrefix = false, rewrite }: UpstreamConfig,
  matched: number,
): (head: RequestHead) => UpstreamUrl {
  const scheme = url.protocol.slice(0, -1)
  const port = Number(url.port) || (scheme === 'https' ? 443 : 80)
  const base = trimEnd(url.pathname)
  const isKept = rewrite === undefined && !stripPrefix
  const replacement = trimEnd(rewrite ?? '')
  return ({ requestPath, queryString }) => {
    const rest = isKept ? requestPath : replacement + withoutSegments(requestPath, matched)
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

function withoutSegments(path: string, count: number): string {
  let end = 0
  for (let passed = 0; passed < count && end >= 0; passed += 1) end = path.indexOf('/', end + 1)
  return end < 0 ? '' : path.slice(end)
}

function trimEnd(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}
