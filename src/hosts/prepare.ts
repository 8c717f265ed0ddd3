import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gateway } from '../compiled.ts'
import { type Decision, decide, type IncomingRequest } from '../decision.ts'
import { withPlace } from '../errors.ts'
import { applyBody, editParameters, outgoingHeaders, readBody } from '../http/index.ts'
import { type Plan, plan } from '../plan.ts'
import type { Authentication, RequestHead } from '../types.ts'
import type { BodyBudget } from './body-budget.ts'
import { peerOf } from './peer-of.ts'

/** A request with its patch applied: what goes upstream, before anything was sent. */
export interface Outgoing {
  readonly decision: Decision
  /** Without `?`; empty when there is none. */
  readonly query: string
  /** Names and values by turns. */
  readonly headers: string[]
  /** What is sent in place of the body that was read; absent when none was read, or there was none. */
  readonly body?: Buffer
}

/** How a host wants a message prepared. */
export interface PrepareOptions {
  readonly gateway: Gateway
  /** Where a body that is read is counted until `response` has ended. */
  readonly budget: BodyBudget
  readonly response: ServerResponse
  /** Who the caller is as the application around us knows it. */
  readonly authentication?: Authentication | undefined
  /** False when the certificate of the client is not to be believed any more. Default: always true. */
  trustsCertificate?(): boolean
  /** Told which authenticator recognised the caller. */
  readonly onAdmitted?: IncomingRequest['onAdmitted'] | undefined
  /** Runs once, right before the body is read. */
  beforeBody?(): void
}

/**
 * Decides about a message and applies the patch, the same for every host on `node:http`. Throws a
 * `CountersignError`, at once when the head alone decides; then nothing may be forwarded.
 */
export function prepare(
  message: IncomingMessage,
  head: RequestHead,
  options: PrepareOptions,
): Promise<Outgoing> {
  // what is parsed next may not be served when this is refused, so nobody waits before
  return carryOut(plan(options.gateway, head), message, head, options)
}

async function carryOut(
  planned: Plan,
  message: IncomingMessage,
  head: RequestHead,
  options: PrepareOptions,
): Promise<Outgoing> {
  const { gateway, budget, response, onAdmitted, beforeBody } = options
  const { bodyLimit } = planned.compiled
  const declared = head.headers['content-length']
  const length = typeof declared === 'string' ? Number(declared) : undefined
  const readCounted = () => {
    // a body that is refused for its declared length is not asked for
    if (length === undefined || length <= bodyLimit) beforeBody?.()
    return readBody(budget.count(message, response), bodyLimit, length)
  }
  const peer = peerOf(message, options)
  const decision = await decide(
    gateway,
    { head, peer, readBody: readCounted, ...(onAdmitted && { onAdmitted }) },
    planned,
  )
  const { patch, route, upstreamUrl, nominated } = decision
  const { host } = route.upstream ?? {}
  const body = decision.body && changedBody(decision, head.headers['content-type'])
  // a request that came without a body leaves without one
  const replaced = body && (body.length > 0 || length !== undefined) ? body : undefined
  return {
    decision,
    query: editParameters(upstreamUrl.query, patch.removeQuery, patch.setQuery),
    headers: outgoingHeaders(message.rawHeaders, patch, {
      nominated,
      ...(host !== undefined && { host }),
      ...(replaced && { contentLength: replaced.length }),
    }),
    ...(replaced && { body: replaced }),
  }
}

function changedBody(
  { body = Buffer.alloc(0), patch, results }: Decision,
  contentType: string | readonly string[] | undefined,
): Buffer {
  try {
    return applyBody(body, contentType, patch)
  } catch (error) {
    const writer = results.find(({ patches }) => patches.some(({ setBody }) => setBody))
    throw withPlace(error, writer ? { policy: writer.policy } : {})
  }
}
