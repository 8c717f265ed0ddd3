import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gateway } from '../compiled.ts'
import { type Decision, decide, type IncomingRequest } from '../decision.ts'
import { CountersignError, withPlace } from '../errors.ts'
import type { AnswerRules } from '../forward/index.ts'
import {
  applyBody,
  asksUpgrade,
  checkUnsigned,
  editParameters,
  outgoingHeaders,
  readBody,
  withoutForwarded,
} from '../http/index.ts'
import { plan } from '../plan.ts'
import type { Secret } from '../secret.ts'
import type { Authentication, RequestHead } from '../types.ts'
import type { BodyBudget } from './body-budget.ts'
import { hasBody } from './has-body.ts'
import { peerOf } from './peer-of.ts'

/** A request with its patch applied: what goes upstream, before anything was sent. */
export interface Outgoing {
  readonly decision: Decision
  /** The query with its `?`, which may stand alone; empty when there is none. */
  readonly search: string
  /** Names and values by turns. */
  readonly headers: string[]
  /** What is sent in place of the body that was read; absent when none was read, or there was none. */
  readonly body?: Buffer | undefined
  /** True when the client's body, which nobody has read, is sent as it comes. Default: false. */
  readonly isStreamed?: boolean
  /** The protocol that the connection is to change to. */
  readonly upgrade?: 'websocket' | undefined
  /** What the fields of the answer may tell. */
  readonly answer: AnswerRules
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
  /** True when the connection can change to another protocol. Default: false. */
  readonly canUpgrade?: boolean
  /** Told which authenticator recognised the caller. */
  readonly onAdmitted?: IncomingRequest['onAdmitted'] | undefined
  /** Runs once, right before the body is read. */
  beforeBody?(): void
}

/**
 * Decides about a message and applies the patch, the same for every host on `node:http`; at once when nothing has to
 * be waited for. Throws a `CountersignError` when the head alone decides, else rejects with it; then nothing may be
 * forwarded.
 */
export function prepare(
  message: IncomingMessage,
  head: RequestHead,
  options: PrepareOptions,
): Outgoing | Promise<Outgoing> {
  const { gateway, canUpgrade, onAdmitted } = options
  if (asksUpgrade(head) && !canUpgrade) {
    throw new CountersignError('request/upgrade', 'expected a connection that can be upgraded')
  }
  // what a peer tells of another client decides nothing unless it is a proxy that is trusted
  const trusted = gateway.compiled.trustsProxy(head.remoteAddress)
  const believed = trusted ? head : withoutForwarded(head)
  // what is parsed next may not be served when this is refused, so nobody waits before
  const planned = plan(gateway, believed)
  const request = {
    head: believed,
    peer: peerOf(message, options),
    onAdmitted,
    readBody: () => readCounted(message, believed, planned.compiled.bodyLimit, options),
  }
  try {
    const decision = decide(gateway, request, planned)
    return decision instanceof Promise
      ? decision.then((decided) => apply(decided, message, believed, trusted))
      : apply(decision, message, believed, trusted)
  } catch (error) {
    // the rest of the message may be here, and its connection then goes on
    return Promise.reject(error)
  }
}

async function readCounted(
  message: IncomingMessage,
  { headers }: RequestHead,
  limit: number,
  { budget, response, beforeBody }: PrepareOptions,
): Promise<Buffer> {
  const { 'content-length': declared } = headers
  const length = typeof declared === 'string' ? Number(declared) : undefined
  // a body that is refused for its declared length is not asked for
  if (length !== undefined && length > limit) return readBody(message, limit, length)
  beforeBody?.()
  return readBody(message, limit, length, budget.counter(response))
}

function apply(
  decision: Decision,
  message: IncomingMessage,
  head: RequestHead,
  trusted: boolean,
): Outgoing {
  const { patch, route, nominated } = decision
  const { host, forwarded: style = 'none' } = route.upstream ?? {}
  const body = decision.body && changedBody(decision, head.headers['content-type'])
  // a request that came without a body leaves without one
  const isSent = body && (body.length > 0 || head.headers['content-length'] !== undefined)
  const replaced = isSent ? body : undefined
  const headers = outgoingHeaders(message.rawHeaders, patch, {
    nominated,
    forwarded: { style, trusted, client: head },
    host,
    contentLength: replaced?.length,
  })
  const search = searchOf(decision)
  if (body && body !== decision.body) atWriter(decision, () => checkUnsigned(headers, search))
  return {
    decision,
    search,
    headers,
    answer: answerRules(decision),
    body: replaced,
    isStreamed: decision.body === undefined && hasBody(message),
    upgrade: asksUpgrade(head) ? 'websocket' : undefined,
  }
}

function searchOf({ upstreamUrl: { query, url }, patch }: Decision): string {
  const edited = editParameters(query, patch.removeQuery, patch.setQuery)
  if (edited !== '') return `?${edited}`
  return query === '' && url.endsWith('?') ? '?' : ''
}

function answerRules({ results, patch, exposed }: Decision): AnswerRules {
  const credentials: Secret[] = []
  for (const { credential } of results) if (credential) credentials.push(credential)
  const inQuery = credentials.length > 0 && Object.keys(patch.setQuery).length > 0
  return { credentials, inQuery, exposed }
}

function changedBody(
  decision: Decision,
  contentType: string | readonly string[] | undefined,
): Buffer {
  const { body = Buffer.alloc(0), patch } = decision
  return atWriter(decision, () => applyBody(body, contentType, patch))
}

/** What `change` gives; what it throws says which policy writes the body. */
function atWriter<T>({ results }: Decision, change: () => T): T {
  try {
    return change()
  } catch (error) {
    const writer = results.find(({ patches }) => patches.some(({ setBody }) => setBody))
    throw withPlace(error, writer ? { policy: writer.policy } : {})
  }
}
