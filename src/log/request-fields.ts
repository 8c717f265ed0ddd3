import type { PolicyTrace, RequestEvent } from '../observe.ts'

/** Characters of a path that are logged. */
const PATH_LIMIT = 2048

/** What the line of a request says besides its error; members that are undefined are left out of it. */
export function requestFields(event: RequestEvent) {
  const { policies } = event
  return {
    request_id: event.requestId,
    'http.request.method': event.method,
    'url.path': pathOf(event.path),
    'http.response.status_code': event.status,
    duration_ms: Math.round(event.durationMs * 1000) / 1000,
    route: event.route,
    authenticator: event.authenticator,
    policy: oneOrAll(policies, ({ policy }) => policy),
    alg: oneOrAll(policies, ({ trace }) => trace?.alg),
    enc: oneOrAll(policies, ({ trace }) => trace?.enc),
    kid: oneOrAll(policies, ({ trace }) => trace?.kid),
    jti: oneOrAll(policies, ({ trace }) => trace?.jti),
    cache: oneOrAll(policies, ({ trace }) => trace?.cache),
  }
}

/** Nothing for a target that is not a path: an absolute one may hold a password. */
function pathOf(path: string): string | undefined {
  return path.startsWith('/') ? path.slice(0, PATH_LIMIT) : undefined
}

function oneOrAll(
  policies: readonly PolicyTrace[],
  valueIn: (policy: PolicyTrace) => string | undefined,
): string | readonly string[] | undefined {
  const [first] = policies
  if (first && policies.length === 1) return valueIn(first)
  const values = policies.map(valueIn).filter((value) => value !== undefined)
  return values.length > 1 ? values : values[0]
}
