import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { fold, HOP_BY_HOP } from '../../header-name.ts'
import type { Outgoing } from '../prepare.ts'

/**
 * What was prepared for a message, with its header fields and query as they are now: handlers between `countersign()`
 * and `proxy()` may have changed them. Whether there is a body, and which, stays as it was decided, and what concerns
 * the connection alone is left out, whoever wrote it.
 */
export function currentOutgoing(
  { headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>,
  outgoing: Outgoing,
): Outgoing {
  const queryAt = url.indexOf('?')
  const search = queryAt < 0 ? '' : url.slice(queryAt)
  return { ...outgoing, headers: fieldsOf(headers), search }
}

function fieldsOf(headers: IncomingHttpHeaders): string[] {
  const fields: string[] = []
  for (const name of Object.keys(headers)) {
    if (HOP_BY_HOP.has(fold(name))) continue
    const value = headers[name]
    if (Array.isArray(value)) for (const line of value) fields.push(name, String(line))
    else if (value !== undefined) fields.push(name, String(value))
  }
  return fields
}
