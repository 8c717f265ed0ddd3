import { CountersignError } from './errors.ts'
import { checkBodyEncoding, checkConnection, mergePatches, parsePayload } from './http/index.ts'
import type {
  Gateway,
  Policy,
  PolicyResult,
  RequestContext,
  RequestHead,
  RequestPatch,
  Route,
  SavedToken,
  UpstreamUrl,
} from './types.ts'

/** What becomes of one request, as data; a host applies it. */
export interface Decision {
  readonly route: Route
  readonly upstreamUrl: UpstreamUrl
  readonly patch: RequestPatch
  /** Folded names of the fields that the client's `Connection` nominates; they end here. */
  readonly nominated: ReadonlySet<string>
  /** The client's body, when a policy needed it. */
  readonly body?: Buffer
  readonly results: readonly PolicyResult[]
}

/** A request as a host hands it over. */
export interface IncomingRequest {
  readonly head: RequestHead
  /** Reads the body to its end; called at most once, and only when a policy needs it. */
  readBody(): Promise<Buffer>
}

/** What the head of a request alone decides. */
export interface Plan {
  readonly route: Route
  readonly policies: readonly Policy[]
  readonly upstreamUrl: UpstreamUrl
  /** Folded names of the fields that the client's `Connection` nominates; they end here. */
  readonly nominated: ReadonlySet<string>
}

/** Finds who decides about a request. Throws a `CountersignError`; then nothing may be forwarded. */
export function plan(gateway: Gateway, head: RequestHead): Plan {
  const match = gateway.match(head)
  if (!match) throw new CountersignError('route/none', 'expected a request that some route matches')
  const { route, policies } = match
  const nominated = checkConnection(head.headers, [route, ...policies])
  return { route, policies, nominated, upstreamUrl: route.upstreamUrl(head) }
}

/**
 * Decides about one request: the one pipeline of every host. `planned` is what `plan` gave for its head,
 * when a host has asked already. Throws a `CountersignError`; then nothing may be forwarded.
 */
export async function decide(
  gateway: Gateway,
  { head, readBody }: IncomingRequest,
  planned: Plan = plan(gateway, head),
): Promise<Decision> {
  const { route, policies, nominated, upstreamUrl } = planned
  const { vars } = gateway
  const needsBody = policies.some((policy) => policy.needsBody)
  if (needsBody) checkBodyEncoding(head.headers)
  const body = needsBody ? await readBody() : undefined
  const payload =
    body && policies.some((policy) => policy.readsPayload)
      ? parsePayload(body, head.headers['content-type'])
      : undefined

  const results: PolicyResult[] = []
  const tokens: Record<string, SavedToken> = Object.create(null)
  const context: RequestContext = {
    attributes: head,
    authentication: {},
    upstream: upstreamUrl,
    tokens,
    vars,
    ...(payload !== undefined && { payload }),
    ...(body && { body }),
  }
  for (const policy of policies) {
    const result = await policy.evaluate(context)
    const { saved } = result
    if (saved) tokens[saved.name] = { ...saved.token, value: saved.value.reveal() }
    results.push(result)
  }
  if (route.unmatched === 'reject' && !results.some(({ applied, failure }) => applied || failure)) {
    throw new CountersignError('route/none', 'expected a request that some policy applies to')
  }
  const patch = mergePatches(results.flatMap(({ patches }) => patches))
  return { route, upstreamUrl, patch, nominated, results, ...(body && { body }) }
}
