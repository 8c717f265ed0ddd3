import { CountersignError } from '../errors.ts'
import { fold, HOP_BY_HOP } from '../header-name.ts'
import type { Multimap } from '../types.ts'
import { linesOf } from './multimap.ts'

const NEVER_NOMINATED: ReadonlySet<string> = new Set([
  'host',
  'content_length',
  'transfer_encoding',
  'content_type',
  'content_encoding',
  'cookie',
  'authorization',
  'sec_websocket_key',
  'sec_websocket_version',
  'sec_websocket_protocol',
  'sec_websocket_extensions',
])

/** Something that decides on header fields or sets them. */
interface FieldHolder {
  /** Folded names, or `*` for all. */
  readonly headerNames: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

/**
 * Folded names that the `Connection` field nominates, connection options such as `close` among them: they
 * end here. Refuses, with `request/connection-nominates`, the name of a field on which the forwarded request
 * depends, as a next hop would delete it: one that frames the message or opens a WebSocket, or that one of `holders`
 * names.
 */
export function checkConnection(
  headers: Multimap,
  holders: readonly FieldHolder[],
): ReadonlySet<string> {
  const lines = linesOf(headers, 'connection')
  if (lines.length === 0) return NONE
  const names = nominated(lines)
  for (const name of names) {
    if (NEVER_NOMINATED.has(name) || holders.some((holder) => holds(holder, name, headers))) {
      throw new CountersignError(
        'request/connection-nominates',
        'expected a Connection field that names no field the request depends on',
      )
    }
  }
  return names
}

function holds({ headerNames }: FieldHolder, name: string, headers: Multimap): boolean {
  if (headerNames.has(name)) return true
  if (!headerNames.has('*') || HOP_BY_HOP.has(name)) return false
  return Object.keys(headers).some((sent) => fold(sent) === name)
}

/** Folded names in the lines of a `Connection` field. */
export function nominated(lines: readonly string[]): Set<string> {
  const names = new Set<string>()
  for (const line of lines) {
    for (const option of line.split(',')) {
      const name = fold(option)
      if (name !== '') names.add(name)
    }
  }
  return names
}
