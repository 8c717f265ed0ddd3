import type { RequestEvent } from '../observe.ts'

/** Characters of a path that are logged. */
const PATH_LIMIT = 2048

/** What the line of a request says besides its error; members that are undefined are left out of it. */
export function requestFields({ policies, ...event }: RequestEvent) {
  const traced = ['alg', 'enc', 'kid', 'jti', 'cache'].map((name) => [
    name,
    oneOrAll(policies.flatMap(({ trace }) => trace?.[name] ?? [])),
  ])
  return {
    request_id: event.requestId,
    'http.request.method': event.method,
    'url.path': pathOf(event.path),
    'http.response.status_code': event.status,
    duration_ms: Math.round(event.durationMs * 1000) / 1000,
    route: event.route,
    authenticator: event.authenticator,
    policy: oneOrAll(policies.map(({ policy }) => policy)),
    ...Object.fromEntries(traced),
  }
}

/** Nothing for a target that is not a path: an absolute one may hold a password. */
function pathOf(path: string): string | undefined {
  return path.startsWith('/') ? path.slice(0, PATH_LIMIT) : undefined
}

function oneOrAll(values: readonly string[]): string | readonly string[] | undefined {
  return values.length > 1 ? values : values[0]
}
