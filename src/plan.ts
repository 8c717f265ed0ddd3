import type { Gateway, Match, Matched } from './compiled.ts'
import { CountersignError } from './errors.ts'
import { asksUpgrade, checkConnection } from './http/index.ts'
import type { RequestContext, RequestHead, UpstreamUrl } from './types.ts'

/** What the head of a request alone decides. */
export interface Plan extends Match {
  readonly upstreamUrl: UpstreamUrl
  /** Folded names of the fields that the client's `Connection` nominates; they end here. */
  readonly nominated: ReadonlySet<string>
}

/** Finds who decides about a request. Throws a `CountersignError`; then nothing may be forwarded. */
export function plan(gateway: Gateway, head: RequestHead): Plan {
  const match = gateway.match(head)
  if (!match) throw new CountersignError('route/none', 'expected a request that some route matches')
  const { entry: route } = match.route
  if (asksUpgrade(head) && !route.upgrades.includes('websocket')) {
    throw new CountersignError('request/upgrade', 'expected a route that allows the upgrade')
  }
  const policies = match.policies.map(({ entry }) => entry)
  const nominated = checkConnection(head.headers, [route, route.admission, ...policies])
  return { ...match, nominated, upstreamUrl: route.upstreamUrl(head) }
}

/** The head as expressions see it. */
export function attributesOf(head: RequestHead, { uriParams }: Matched<unknown>): RequestHead {
  return uriParams ? { ...head, uriParams } : head
}

/** The context as one policy sees it: its own path pattern may name segments, too. */
export function contextOf(
  { uriParams }: Matched<unknown>,
  context: RequestContext,
): RequestContext {
  if (!uriParams) return context
  const { attributes } = context
  const both = Object.assign(Object.create(null), attributes.uriParams, uriParams)
  return { ...context, attributes: { ...attributes, uriParams: both } }
}
