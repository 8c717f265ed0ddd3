import type { IncomingMessage } from 'node:http'
import { remembering } from '../../header-name.ts'
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
 * header fields, query and, when a policy needed it, the body; at once unless there is such a body. The path stays:
 * mounting decided it.
 */
export function applyToMessage(message: MountedMessage, outgoing: Outgoing): Promise<void> | void {
  const isChunked = message.headers['transfer-encoding'] !== undefined
  const isRead = outgoing.decision.body !== undefined
  setFields(message, outgoing.headers)
  // A body that still streams keeps its framing: a next hop that sees none sends GET and DELETE bodies
  // bare, and their bytes become the next request on that connection (CVE-2026-29057).
  if (isChunked && !isRead) addLine(message, 'transfer-encoding', 'chunked')
  message.url = withSearch(message.url ?? '/', outgoing.search)
  if (message.originalUrl !== undefined) {
    message.originalUrl = withSearch(message.originalUrl, outgoing.search)
  }
  if (isRead) return replayBody(message, outgoing.body ?? Buffer.alloc(0))
}

/** Sets the fields, names and values by turns, in each form that node:http gives them. */
function setFields(message: IncomingMessage, raw: readonly string[]): void {
  message.rawHeaders.length = 0
  message.headersDistinct = Object.create(null)
  // with the prototype that node:http gives it too: handlers call `headers.hasOwnProperty`
  message.headers = {}
  eachField(raw, (name, value) => addLine(message, name, value))
}

function addLine(message: IncomingMessage, written: string, value: string): void {
  const { rawHeaders, headersDistinct, headers } = message
  const name = lowerCase(written)
  const lines = headersDistinct[name]
  rawHeaders.push(written, value)
  if (!lines) {
    const first = [value]
    headersDistinct[name] = first
    headers[name] = name === 'set-cookie' ? first : value
    return
  }
  lines.push(value)
  if (name === 'set-cookie' || FIRST_LINE_ONLY.has(name)) return
  headers[name] += (name === 'cookie' ? '; ' : ', ') + value
}

const lowerCase = remembering((name) => name.toLowerCase())

function withSearch(url: string, search: string): string {
  const end = url.indexOf('?')
  return (end < 0 ? url : url.slice(0, end)) + search
}
