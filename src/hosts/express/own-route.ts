import { admitAnyone } from '../../admission.ts'
import type { Route } from '../../compiled.ts'
import type { RequestHead, UpstreamUrl } from '../../types.ts'

/**
 * The route of a middleware that is told no upstream: every request stays in the application, so the URL
 * that expressions see as `upstream` is the request's own.
 */
export function ownRoute(unmatched: Route['unmatched']): Route {
  return {
    name: 'default',
    unmatched,
    upgrades: [],
    criteria: {},
    headerNames: new Set(),
    admission: admitAnyone,
    upstreamUrl: ownUrl,
  }
}

function ownUrl({ scheme, host, requestPath, requestUri, queryString }: RequestHead): UpstreamUrl {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  return {
    url: `${scheme}://${host}${requestUri}`,
    scheme,
    host: name,
    port: Number(port) || (scheme === 'https' ? 443 : 80),
    path: requestPath,
    query: queryString,
  }
}
