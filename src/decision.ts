import type { Admitted, Peer } from './admission.ts'
import type { Gateway, Matched, Route } from './compiled.ts'
import { CountersignError } from './errors.ts'
import {
  checkBodyEncoding,
  mergePatches,
  ownTurn,
  parsePayload,
  withoutRemoved,
} from './http/index.ts'
import { attributesOf, contextOf, type Plan, plan } from './plan.ts'
import type { BeforePolicy, Exposure, Policy, PolicyResult } from './policy.ts'
import type { RequestContext, RequestHead, RequestPatch, SavedToken, UpstreamUrl } from './types.ts'

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
  readonly peer: Peer
  /** Told who was admitted; again when other files serve meanwhile. */
  readonly onAdmitted?: ((authenticator: string | undefined) => void) | undefined
  /** Reads the body to its end; called at most once, and only when a policy needs it. */
  readBody(): Promise<Buffer>
}

/**
 * Decides about one request: the one pipeline of every host. At once when nothing has to be waited for: no body, no
 * signature, nobody who is asked elsewhere. `planned` is what `plan` gave for its head, when a host has asked already.
 * Throws a `CountersignError`, or rejects with it; then nothing may be forwarded.
 */
export function decide(
  gateway: Gateway,
  request: IncomingRequest,
  planned: Plan = plan(gateway, request.head),
): Decision | Promise<Decision> {
  const admission = admit(request, planned)
  if (
    admission instanceof Promise ||
    planned.compiled !== gateway.compiled ||
    planned.policies.some(needsBody)
  ) {
    return admitAndRead(gateway, request, planned, admission).then((settled) =>
      evaluate(settled, request.head),
    )
  }
  request.onAdmitted?.(admission.authenticator)
  return evaluate({ current: planned, admitted: admission }, request.head)
}

/** A request of which all is known that policies may see. */
interface Settled {
  readonly current: Plan
  readonly admitted: Admitted
  readonly body?: Buffer
}

const NONE_TAKEN: BeforePolicy['taken'] = new Set()
const NO_TOKENS: RequestContext['tokens'] = Object.freeze(Object.create(null))

/** Evaluates the policies, one after the other. */
function evaluate(settled: Settled, head: RequestHead): Decision | Promise<Decision> {
  const { current, admitted, body } = settled
  const { policies, compiled } = current
  // what is taken off is not there for a placement, nor does it belong to the URL that is forwarded
  const left = admitted.patch ? withoutRemoved(head, admitted.patch) : head
  const upstreamUrl = left === head ? current.upstreamUrl : current.route.entry.upstreamUrl(left)
  // what a policy leaves for those behind it
  const isFollowed = policies.length > 1
  const taken = isFollowed ? new Set<string>() : undefined
  const before: BeforePolicy = { taken: taken ?? NONE_TAKEN, head: left }
  const seen: RequestContext = {
    attributes: attributesOf(head, current.route),
    authentication: admitted.authentication,
    upstream: upstreamUrl,
    tokens: NO_TOKENS,
    vars: compiled.vars,
  }
  let context = body ? withBody(seen, body, policies) : seen
  const results: PolicyResult[] = []

  function note(result: PolicyResult): void {
    const { saved, places } = result
    if (isFollowed && saved) context = withToken(context, saved)
    if (taken) for (const place of places) taken.add(place)
    results.push(result)
  }
  function evaluateFrom(first: number): Decision | Promise<Decision> {
    for (let index = first; index < policies.length; index += 1) {
      const matched = policies[index] as Matched<Policy>
      const result = matched.entry.evaluate(contextOf(matched, context), before)
      if (result instanceof Promise) {
        return result.then((awaited) => {
          note(awaited)
          return evaluateFrom(index + 1)
        })
      }
      note(result)
    }
    return conclude(settled, upstreamUrl, results)
  }
  return evaluateFrom(0)
}

// A context of its own for those behind: one before may renew a token of many callers with what it sees, much later.
function withToken(
  context: RequestContext,
  { name, token, value }: NonNullable<PolicyResult['saved']>,
): RequestContext {
  const tokens: Record<string, SavedToken> = Object.assign(Object.create(null), context.tokens)
  tokens[name] = { ...token, value: value.reveal() }
  return { ...context, tokens }
}

function withBody(
  context: RequestContext,
  body: Buffer,
  policies: Plan['policies'],
): RequestContext {
  const isParsed = policies.some(({ entry }) => entry.readsPayload)
  const contentType = context.attributes.headers['content-type']
  const payload = isParsed ? parsePayload(body, contentType) : undefined
  return { ...context, body, ...(payload !== undefined && { payload }) }
}

/** What the results make of the request together. */
function conclude(
  { current, admitted, body }: Settled,
  upstreamUrl: UpstreamUrl,
  results: readonly PolicyResult[],
): Decision {
  const { nominated } = current
  const { entry: route } = current.route
  if (route.unmatched === 'reject' && !results.some(({ applied, failure }) => applied || failure)) {
    throw new CountersignError('route/none', 'expected a request that some policy applies to')
  }
  const [first] = results
  const changes =
    first && results.length === 1 ? first.patches : results.flatMap(({ patches }) => patches)
  const patch = mergePatches(admitted.patch ? [admitted.patch, ...changes] : changes)
  const exposed: Exposure[] = []
  for (const result of results) if (result.exposed) exposed.push(result.exposed)
  const decision = { route, upstreamUrl, patch, nominated, exposed, results }
  return body ? { ...decision, body } : decision
}

/**
 * Admits the caller, and reads the body when a policy needs it. A client decides how long that takes, and must not
 * decide by it which generation judges and signs: when another serves by then, that one is asked anew. `first` is how
 * `planned` admits it.
 */
async function admitAndRead(
  gateway: Gateway,
  request: IncomingRequest,
  planned: Plan,
  first: Admitted | Promise<Admitted>,
): Promise<Settled> {
  const { head, onAdmitted, readBody } = request
  let current = planned
  let admission = first
  let body: Buffer | undefined
  for (;;) {
    const admitted = admission instanceof Promise ? await admission : admission
    onAdmitted?.(admitted.authenticator)
    if (current.policies.some(needsBody)) {
      checkBodyEncoding(head.headers)
      if (!body) {
        body = await readBody()
        await ownTurn(body.length)
      }
    }
    if (current.compiled === gateway.compiled) {
      return { current, admitted, ...(body && { body }) }
    }
    current = plan(gateway, head)
    admission = admit(request, current)
  }
}

function admit(
  { head, peer }: IncomingRequest,
  { route, upstreamUrl, compiled }: Plan,
): Admitted | Promise<Admitted> {
  const attributes = attributesOf(head, route)
  return route.entry.admission.admit(
    { attributes, upstream: upstreamUrl, vars: compiled.vars },
    peer,
  )
}

function needsBody({ entry }: Matched<Policy>): boolean {
  return entry.needsBody
}
