import { fold, HOP_BY_HOP } from '../header-name.ts'
import type { RequestPatch } from '../types.ts'
import { editCookies } from './cookies.ts'
import { type ForwardedOptions, forwardedFields, isForwardedField } from './forwarded.ts'
import { nominated } from './header-rules.ts'
import { eachField } from './raw-headers.ts'

/** How the request goes out, as far as its header fields tell. */
export interface OutgoingOptions {
  /** Folded names that the client's `Connection` nominates; they end here. Default: none. */
  readonly nominated?: ReadonlySet<string>
  /** Value of the one `Host` field; left out, the client's stays. */
  readonly host?: string
  /** Bytes of a buffered body. Left out, the body streams and a length that the client declared stays. */
  readonly contentLength?: number | undefined
  /** What is told of the client. Default: nothing, whatever we were told. */
  readonly forwarded?: ForwardedOptions
}

// What a server behind us would take for the field by which it reads the message.
const EXACT_ONLY = new Map([
  ['content_type', 'content-type'],
  ['content_encoding', 'content-encoding'],
])

const DIGESTS = ['content_digest', 'repr_digest', 'digest', 'content_md5']

/**
 * The complete list of fields that go upstream, names and values by turns: the client's without what ends
 * here and without every alias of what the patch touches, then ours.
 */
export function outgoingHeaders(
  rawHeaders: readonly string[],
  patch: RequestPatch,
  options: OutgoingOptions = {},
): string[] {
  const { nominated: named, host, contentLength, forwarded } = options
  const touched = touchedNames(patch)
  const editsCookies = patch.removeCookies.length > 0 || hasMembers(patch.setCookies)
  const cookieLines: string[] = []
  let cookieAt: number | undefined
  const told: string[] = []
  const out: string[] = []
  if (host !== undefined) out.push('host', host)

  eachField(rawHeaders, (name, value) => {
    const folded = fold(name)
    if (HOP_BY_HOP.has(folded) || touched.has(folded) || named?.has(folded)) return
    if (isForwardedField(folded)) {
      if (forwarded?.trusted) told.push(name, value)
    } else if (folded === 'host') {
      if (host === undefined && isExactly(name, 'host')) out.push(name, value)
    } else if (folded === 'content_length') {
      const streams = contentLength === undefined && isExactly(name, 'content-length')
      if (streams) out.push(name, String(Number(value)))
    } else if (editsCookies && folded === 'cookie') {
      if (isExactly(name, 'cookie')) cookieLines.push(value)
    } else if (folded === 'cookie' && isExactly(name, 'cookie')) {
      // one line: of two, HTTP/2 would make a list with commas (RFC 9113 section 8.2.3)
      if (cookieAt === undefined) cookieAt = out.push(name, value) - 1
      else out[cookieAt] = [out[cookieAt], value].filter(Boolean).join('; ')
    } else {
      const wanted = EXACT_ONLY.get(folded)
      if (wanted === undefined || isExactly(name, wanted)) out.push(name, value)
    }
  })

  if (contentLength !== undefined) out.push('content-length', String(contentLength))
  if (editsCookies) {
    const cookies = editCookies(cookieLines, patch.removeCookies, patch.setCookies)
    if (cookies !== '') out.push('cookie', cookies)
  }
  if (forwarded) {
    eachField(forwardedFields(told, forwarded), (name, value) => {
      // what a policy puts there is all that stands there
      if (!touched.has(fold(name))) out.push(name, value)
    })
  }
  for (const [name, value] of Object.entries(patch.setHeaders)) out.push(name, value.reveal())
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

function touchedNames(patch: RequestPatch): Set<string> {
  const names = new Set(['expect'])
  for (const name of patch.removeHeaders) names.add(fold(name))
  for (const name of Object.keys(patch.setHeaders)) names.add(fold(name))
  if (patch.setBody.length > 0 || patch.removeBody.length > 0) {
    for (const name of DIGESTS) names.add(name)
  }
  return names
}

// A client's `Content_Length` is not its length, but some server behind us may take it for one.
function isExactly(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted
}

function hasMembers(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return true
  return false
}
