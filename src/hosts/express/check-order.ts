import type { IncomingMessage } from 'node:http'
import { CountersignError } from '../../errors.ts'
import type { RequestPatch } from '../../types.ts'
import { hasBody } from '../has-body.ts'

/**
 * Refuses, with `internal`, a message whose body some earlier handler has read or begun to read: waiting for
 * it would never end.
 */
export function checkUnread(message: IncomingMessage): void {
  if (!hasBody(message)) return
  const { readableDidRead, readableEnded, readableFlowing, readableEncoding } = message
  if (readableDidRead || readableEnded || readableFlowing === true || readableEncoding !== null) {
    throw wrongOrder('expected an unread body: put countersign() and proxy() before body parsers')
  }
}

/**
 * Refuses, with `internal`, a message whose cookies or query some earlier handler has parsed when the patch
 * touches them: later handlers would see there what the client sent. Express 5 parses the query anew.
 */
export function checkUnparsed(message: IncomingMessage, patch: RequestPatch): void {
  if (Object.hasOwn(message, 'cookies') && touches(patch.removeCookies, patch.setCookies)) {
    throw wrongOrder('expected unparsed cookies: put countersign() before cookie parsers')
  }
  if (Object.hasOwn(message, 'query') && touches(patch.removeQuery, patch.setQuery)) {
    throw wrongOrder('expected an unparsed query: put countersign() before query parsers')
  }
}

function touches(removed: readonly string[], set: Readonly<Record<string, unknown>>): boolean {
  return removed.length > 0 || Object.keys(set).length > 0
}

function wrongOrder(message: string): CountersignError {
  return new CountersignError('internal', message)
}
