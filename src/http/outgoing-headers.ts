import { fold, HOP_BY_HOP, remembering } from '../header-name.ts'
import type { Secret } from '../secret.ts'
import type { RequestPatch } from '../types.ts'
import { editCookies } from './cookies.ts'
import { type ForwardedOptions, forwardedFields, isForwardedField } from './forwarded.ts'
import { nominated } from './header-rules.ts'
import { eachField } from './raw-headers.ts'

const NONE: ReadonlySet<string> = new Set()

/** How the request goes out, as far as its header fields tell. */
export interface OutgoingOptions {
  /** Folded names that the client's `Connection` nominates; they end here. Default: none. */
  readonly nominated?: ReadonlySet<string>
  /** Value of the one `Host` field; left out, the client's stays. */
  readonly host?: string | undefined
  /** Bytes of a buffered body. Left out, the body streams and a length that the client declared stays. */
  readonly contentLength?: number | undefined
  /** What is told of the client. Default: nothing, whatever we were told. */
  readonly forwarded?: ForwardedOptions
}

const DIGESTS = ['content_digest', 'repr_digest', 'digest', 'content_md5']

/** Fields of which a server behind us would take an alias for the field itself, by which it reads the message. */
const EXACT_ONLY: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
])

/** What the name of a client's field says, however it is written. */
interface Name {
  readonly folded: string
  /** What becomes of the field. */
  readonly fate: 'ends' | 'told' | 'host' | 'length' | 'cookie' | 'goes'
}

const nameOf = remembering((name): Name => {
  const folded = fold(name)
  return { folded, fate: fateOf(name.toLowerCase(), folded) }
})

function fateOf(lower: string, folded: string): Name['fate'] {
  if (HOP_BY_HOP.has(folded) || folded === 'expect') return 'ends'
  if (isForwardedField(folded)) return 'told'
  if (lower === 'host') return 'host'
  if (lower === 'content-length') return 'length'
  if (folded === 'cookie') return 'cookie'
  return !EXACT_ONLY.has(lower) && EXACT_ONLY.has(folded.replaceAll('_', '-')) ? 'ends' : 'goes'
}

/**
 * The complete list of fields that go upstream, names and values by turns: the client's without what ends
 * here and without every alias of what the patch touches, then ours.
 */
export function outgoingHeaders(
  rawHeaders: readonly string[],
  patch: RequestPatch,
  options: OutgoingOptions = {},
): string[] {
  const { nominated: named = NONE, host, contentLength, forwarded } = options
  const touched = touchedNames(patch)
  const editsCookies = patch.removeCookies.length > 0 || hasMembers(patch.setCookies)
  const cookieLines: string[] = []
  const told: string[] = []
  const out: string[] = []
  let cookieAt: number | undefined
  if (host !== undefined) out.push('host', host)

  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    const value = rawHeaders[index + 1] as string
    const { folded, fate } = nameOf(name)
    if (fate === 'ends' || touched.includes(folded) || named.has(folded)) continue
    if (fate === 'goes') {
      out.push(name, value)
    } else if (fate === 'told') {
      if (forwarded?.trusted) told.push(name, value)
    } else if (fate === 'host') {
      if (host === undefined) out.push(name, value)
    } else if (fate === 'length') {
      if (contentLength === undefined) out.push(name, String(Number(value)))
    } else if (!isExactly(name, 'cookie')) {
      if (!editsCookies) out.push(name, value)
    } else if (editsCookies) {
      cookieLines.push(value)
    } else {
      // one line: of two, HTTP/2 would make a list with commas (RFC 9113 section 8.2.3)
      if (cookieAt === undefined) cookieAt = out.push(name, value) - 1
      else out[cookieAt] = [out[cookieAt], value].filter(Boolean).join('; ')
    }
  }

  if (contentLength !== undefined) out.push('content-length', String(contentLength))
  if (editsCookies) {
    const cookies = editCookies(cookieLines, patch.removeCookies, patch.setCookies)
    if (cookies !== '') out.push('cookie', cookies)
  }
  if (forwarded) {
    eachField(forwardedFields(told, forwarded), (name, value) => {
      // what a policy puts there is all that stands there
      if (!touched.includes(fold(name))) out.push(name, value)
    })
  }
  for (const name in patch.setHeaders) out.push(name, (patch.setHeaders[name] as Secret).reveal())
  return out
}

/** The fields of an upstream's response that go to the client: all but those of the connection. */
export function responseHeaders(rawHeaders: readonly string[]): string[] {
  const connection: string[] = []
  eachField(rawHeaders, (name, value) => {
    if (isExactly(name, 'connection')) connection.push(value)
  })
  const named = nominated(connection)
  const out: string[] = []
  eachField(rawHeaders, (name, value) => {
    const folded = fold(name)
    if (!HOP_BY_HOP.has(folded) && !named.has(folded)) out.push(name, value)
  })
  return out
}

/** Folded names of what the patch removes or sets; few, so that a list is searched faster than a set is made. */
function touchedNames({ removeHeaders, setHeaders, removeBody, setBody }: RequestPatch): string[] {
  const names = removeHeaders.map(fold)
  for (const name in setHeaders) if (!names.includes(fold(name))) names.push(fold(name))
  if (setBody.length > 0 || removeBody.length > 0) names.push(...DIGESTS)
  return names
}

function isExactly(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted
}

function hasMembers(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return true
  return false
}
