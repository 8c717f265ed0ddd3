import { maxHeaderSize } from 'node:http'
import type { ResponseHead } from '../exchange-handler.ts'
import { malformed } from '../wire-error.ts'

/** The head of an answer in HTTP/1.1 or HTTP/1.0. */
export interface Http1Head extends ResponseHead {
  readonly isVersion10: boolean
}

/** Octets of names and values that a head or trailer section may have: fewer than Node takes from clients, 16 KiB. */
export const FIELDS_LIMIT = maxHeaderSize

const TEXT = '[\\t\\x20-\\x7e\\x80-\\xff]*'
const NAME = "[!#$%&'*+\\-.^_`|~\\dA-Za-z]+"

// The space before an absent reason is often left out, which nothing else can be meant by.
const STATUS_LINE = new RegExp(`^HTTP/1\\.([01]) ([1-9]\\d\\d)(?: (${TEXT}))?$`)
const FIELD_LINE = new RegExp(`^${NAME}:${TEXT}$`)

/**
 * Reads a head, without the empty line that ends it, by the letter of RFC 9112 sections 4 and 5. Throws
 * `UPSTREAM_MALFORMED`, also for folded lines, and for fields of `FIELDS_LIMIT` octets.
 */
export function parseResponseHead(text: string): Http1Head {
  const lineEnd = endOfLine(text, 0)
  const statusLine = STATUS_LINE.exec(text.slice(0, lineEnd))
  if (!statusLine) throw malformed('a status line')
  const [, minor, status, reason = ''] = statusLine
  const fields: string[] = []
  let size = 0
  for (let at = lineEnd + 2; at < text.length; ) {
    const end = endOfLine(text, at)
    const line = text.slice(at, end)
    if (!isFieldLine(line)) throw malformed('a field line')
    const colon = line.indexOf(':')
    const value = trimmed(line, colon + 1)
    fields.push(line.slice(0, colon), value)
    size += colon + value.length
    at = end + 2
  }
  if (size >= FIELDS_LIMIT) throw malformed('fewer fields')
  return { status: Number(status), reason, fields, isVersion10: minor === '0' }
}

/** True for a field line, without its end (RFC 9112 section 5). */
export function isFieldLine(line: string): boolean {
  return FIELD_LINE.test(line)
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\r\n', from)
  return end < 0 ? text.length : end
}

/** Without blanks around it: those of RFC 9110 section 5.6.3 alone, as others are octets of the value. */
function trimmed(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isBlank(line.charCodeAt(start))) start += 1
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1
  return line.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
