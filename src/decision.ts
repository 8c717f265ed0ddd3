import type { Admitted, Peer } from './admission.ts'
import type { Gateway, Route } from './compiled.ts'
import { CountersignError } from './errors.ts'
import {
  checkBodyEncoding,
  mergePatches,
  ownTurn,
  parsePayload,
  withoutRemoved,
} from './http/index.ts'
import { attributesOf, contextOf, type Plan, plan } from './plan.ts'
import type { Exposure, PolicyResult } from './policy.ts'
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
  onAdmitted?(authenticator: string | undefined): void
  /** Reads the body to its end; called at most once, and only when a policy needs it. */
  readBody(): Promise<Buffer>
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
  const { body, admitted, current } = await admitAndRead(gateway, request, planned)
  const { policies, nominated } = current
  const { entry: route } = current.route
  // what is taken off is not there for a placement, nor does it belong to the URL that is forwarded
  const left = admitted.patch ? withoutRemoved(head, admitted.patch) : head
  const upstreamUrl = left === head ? current.upstreamUrl : route.upstreamUrl(left)
  const payload =
    body && policies.some(({ entry }) => entry.readsPayload)
      ? parsePayload(body, head.headers['content-type'])
      : undefined

  const results: PolicyResult[] = []
  const taken = new Set<string>()
  const before = { taken, head: left }
  const tokens: Record<string, SavedToken> = Object.create(null)
  const context: RequestContext = {
    attributes: attributesOf(head, current.route),
    authentication: admitted.authentication,
    upstream: upstreamUrl,
    tokens,
    vars: current.compiled.vars,
    ...(payload !== undefined && { payload }),
    ...(body && { body }),
  }
  for (const matched of policies) {
    const result = await matched.entry.evaluate(contextOf(matched, context), before)
    const { saved } = result
    if (saved) tokens[saved.name] = { ...saved.token, value: saved.value.reveal() }
    for (const place of result.places) taken.add(place)
    results.push(result)
  }
  if (route.unmatched === 'reject' && !results.some(({ applied, failure }) => applied || failure)) {
    throw new CountersignError('route/none', 'expected a request that some policy applies to')
  }
  const changes = results.flatMap(({ patches }) => patches)
  const patch = mergePatches(admitted.patch ? [admitted.patch, ...changes] : changes)
  const exposed = results.flatMap((result) => result.exposed ?? [])
  return { route, upstreamUrl, patch, nominated, exposed, results, ...(body && { body }) }
}

/**
 * Admits the caller, and reads the body when a policy needs it. A client decides how long that takes, and must not
 * decide by it which generation judges and signs: when another serves by then, that one is asked anew.
 */
async function admitAndRead(
  gateway: Gateway,
  { head, peer, onAdmitted, readBody }: IncomingRequest,
  planned: Plan,
): Promise<{ readonly current: Plan; readonly admitted: Admitted; readonly body?: Buffer }> {
  let current = planned
  let body: Buffer | undefined
  for (;;) {
    const { route, upstreamUrl, compiled } = current
    const seen = {
      attributes: attributesOf(head, route),
      upstream: upstreamUrl,
      vars: compiled.vars,
    }
    const admission = route.entry.admission.admit(seen, peer)
    const admitted = admission instanceof Promise ? await admission : admission
    onAdmitted?.(admitted.authenticator)
    if (current.policies.some(({ entry }) => entry.needsBody)) {
      checkBodyEncoding(head.headers)
      if (!body) {
        body = await readBody()
        await ownTurn(body.length)
      }
    }
    if (compiled === gateway.compiled) return { current, admitted, ...(body && { body }) }
    current = plan(gateway, head)
  }
}
