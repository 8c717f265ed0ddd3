import type { Gateway, Match, Route } from './compiled.ts'
import { CountersignError } from './errors.ts'
import { checkBodyEncoding, checkConnection, mergePatches, parsePayload } from './http/index.ts'
import type {
  Exposure,
  PolicyResult,
  RequestContext,
  RequestHead,
  RequestPatch,
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
  /** The client's body, when it was read. */
  readonly body?: Buffer
  /** Credentials that the caller gets with the upstream's answer; of two in one field the later stays. */
  readonly exposed: readonly Exposure[]
  readonly results: readonly PolicyResult[]
}

/** A request as a host hands it over. */
export interface IncomingRequest {
  readonly head: RequestHead
  /** Reads the body to its end; called at most once, and only when a policy needs it. */
  readBody(): Promise<Buffer>
}

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
  const nominated = checkConnection(head.headers, [match.route, ...match.policies])
  return { ...match, nominated, upstreamUrl: match.route.upstreamUrl(head) }
}

/**
 * Decides about one request: the one pipeline of every host. `planned` is what `plan` gave for its head,
 * when a host has asked already. Throws a `CountersignError`; then nothing may be forwarded.
 */
export async function decide(
  gateway: Gateway,
  request: IncomingRequest,
  planned: Plan = plan(gateway, request.head),
): Promise<Decision> {
  const { head } = request
  const { body, current } = await readWhatIsNeeded(gateway, request, planned)
  const { route, policies, nominated, upstreamUrl } = current
  const { vars } = current.compiled
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
  const exposed = results.flatMap((result) => result.exposed ?? [])
  return { route, upstreamUrl, patch, nominated, exposed, results, ...(body && { body }) }
}

/**
 * Reads the body when a policy needs it. A client decides how long that takes, and must not decide by it which
 * generation signs: when another serves by then, that one is asked anew.
 */
async function readWhatIsNeeded(
  gateway: Gateway,
  { head, readBody }: IncomingRequest,
  planned: Plan,
): Promise<{ readonly current: Plan; readonly body?: Buffer }> {
  let current = planned
  let body: Buffer | undefined
  for (;;) {
    if (current.policies.some(({ needsBody }) => needsBody)) {
      checkBodyEncoding(head.headers)
      body ??= await readBody()
    }
    if (current.compiled === gateway.compiled) return { current, ...(body && { body }) }
    current = plan(gateway, head)
  }
}
