import type { Route } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import type { Fault, Scope } from '../kind.ts'
import type { NamedAuthenticators } from './authenticators.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { GatewayFile } from './gateway-file.ts'
import type { RouteConfig } from './gateway-schema.ts'
import { compileMatch, headersMatched } from './match.ts'
import { compileAdmission } from './route-admission.ts'
import { createScope } from './scope.ts'
import { readTls } from './tls-files.ts'
import { compileUpstream, compileUrl } from './upstream.ts'

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

/** HTTP/2 has another way to open a WebSocket (RFC 8441), which few servers know. */
const NOT_OVER_HTTP2: Fault = {
  severity: 'error',
  rule: 'gateway/upgrades-http2',
  message: 'expected an upstream without http2, as a WebSocket is opened over HTTP/1.1',
  hint: 'leave http2 out, or give the WebSockets a route of their own',
}

const NOT_OVER_HTTP: Fault = {
  severity: 'error',
  rule: 'upstream/http2',
  message: 'expected an https URL with http2, which is agreed on in TLS',
  hint: 'write https, or leave http2 out',
}

/** Who writes `tls` takes the connection for an encrypted one. */
const NOT_TLS: Fault = {
  severity: 'error',
  rule: 'upstream/tls-over-http',
  message: 'expected an https URL with tls',
  hint: 'write https, or leave tls out',
}

async function compileRoute(
  config: RouteConfig,
  authenticators: NamedAuthenticators,
  scope: Scope,
): Promise<Route | undefined> {
  const admission = compileAdmission(config, authenticators, scope)
  const upstream = typeof config.upstream === 'string' ? { url: config.upstream } : config.upstream
  const tls = upstream.tls && (await readTls(upstream.tls, scope.at('upstream', 'tls'), TLS_NAMING))
  const upgrades = config.upgrades ?? []
  if (upgrades.length > 0 && upstream.http2) scope.report(['upgrades'], NOT_OVER_HTTP2)
  if (/^http:/i.test(upstream.url)) {
    if (upstream.http2) scope.report(['upstream', 'http2'], NOT_OVER_HTTP)
    if (upstream.tls) scope.report(['upstream', 'tls'], NOT_TLS)
  }
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
    upgrades,
    ...(config.maxStreamAge !== undefined && { maxStreamAge: config.maxStreamAge }),
    upstreamUrl: compileUrl(url, upstream, criteria.path?.length ?? 0),
  }
}
