import { fold } from '../header-name.ts'
import type { Multimap, RequestHead, RequestPatch } from '../types.ts'
import { editCookies } from './cookies.ts'
import { addLine, createMultimap, linesOf } from './multimap.ts'
import { editParameters, parseParameters } from './parameters.ts'

type Removal = Pick<RequestPatch, 'removeHeaders' | 'removeQuery' | 'removeCookies'>

/** The head without what a patch takes off it, under every alias and spelling; the path stays. */
export function withoutRemoved(head: RequestHead, removal: Partial<Removal>): RequestHead {
  const { removeHeaders = [], removeQuery = [], removeCookies = [] } = removal
  const headers = withoutCookies(withoutFields(head.headers, removeHeaders), removeCookies)
  const queryString = editParameters(head.queryString, removeQuery, {})
  if (queryString === head.queryString) return { ...head, headers }
  return {
    ...head,
    headers,
    queryString,
    queryParams: parseParameters(queryString),
    requestUri: queryString === '' ? head.requestPath : `${head.requestPath}?${queryString}`,
  }
}

function withoutFields(headers: Multimap, names: readonly string[]): Multimap {
  if (names.length === 0) return headers
  const removed = new Set(names.map(fold))
  const left = Object.entries(headers).filter(([name]) => !removed.has(fold(name)))
  return Object.assign(createMultimap(), Object.fromEntries(left))
}

function withoutCookies(headers: Multimap, names: readonly string[]): Multimap {
  if (names.length === 0 || headers.cookie === undefined) return headers
  const { cookie: _, ...others } = headers
  const left = Object.assign(createMultimap(), others)
  const cookies = editCookies(linesOf(headers, 'cookie'), names, {})
  if (cookies !== '') addLine(left, 'cookie', cookies)
  return left
}
