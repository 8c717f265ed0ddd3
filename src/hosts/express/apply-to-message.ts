import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { eachField } from '../../http/index.ts'
import type { Outgoing } from '../prepare.ts'
import { replayBody } from './replay-body.ts'

/** A message as Express extends it. */
interface MountedMessage extends IncomingMessage {
  originalUrl?: string
}

/** Fields of which node:http keeps the first line only, as `IncomingMessage.headers` documents. */
const FIRST_LINE_ONLY: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/**
 * Changes a message in place to what goes upstream, so that whatever handles it next sees and forwards that:
 * header fields, query and, when a policy needed it, the body. The path stays: mounting decided it.
 */
export async function applyToMessage(message: MountedMessage, outgoing: Outgoing): Promise<void> {
  const raw = [...outgoing.headers]
  if (outgoing.decision.body) {
    await replayBody(message, outgoing.body ?? Buffer.alloc(0))
  } else if (message.headers['transfer-encoding'] !== undefined) {
    // A body that still streams keeps its framing: a next hop that sees none sends GET and DELETE bodies
    // bare, and their bytes become the next request on that connection (CVE-2026-29057).
    raw.push('transfer-encoding', 'chunked')
  }
  message.rawHeaders.splice(0, message.rawHeaders.length, ...raw)
  const distinct = distinctHeaders(raw)
  message.headersDistinct = distinct
  message.headers = joinedHeaders(distinct)
  message.url = withSearch(message.url ?? '/', outgoing.search)
  if (message.originalUrl !== undefined) {
    message.originalUrl = withSearch(message.originalUrl, outgoing.search)
  }
}

function distinctHeaders(raw: readonly string[]): Record<string, string[]> {
  const distinct: Record<string, string[]> = Object.create(null)
  eachField(raw, (written, value) => {
    const name = written.toLowerCase()
    const lines = distinct[name]
    if (lines) lines.push(value)
    else distinct[name] = [value]
  })
  return distinct
}

/** With the prototype that node:http gives it too: handlers call `headers.hasOwnProperty`. */
function joinedHeaders(distinct: Readonly<Record<string, string[]>>): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {}
  for (const [name, lines] of Object.entries(distinct)) headers[name] = joined(name, lines)
  return headers
}

function joined(name: string, lines: string[]): string | string[] {
  if (name === 'set-cookie') return lines
  if (FIRST_LINE_ONLY.has(name)) return lines[0] as string
  return lines.join(name === 'cookie' ? '; ' : ', ')
}

function withSearch(url: string, search: string): string {
  const end = url.indexOf('?')
  return (end < 0 ? url : url.slice(0, end)) + search
}
