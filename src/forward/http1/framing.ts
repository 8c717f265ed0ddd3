import { malformed } from '../wire-error.ts'
import type { Http1Head } from './response-head.ts'

/** Where an answer ends, and whether its connection serves another exchange. */
export interface Framing {
  /** Octets of the content; infinite when it ends with the connection, or when it is chunked. */
  readonly length: number
  readonly isChunked: boolean
  readonly keepsAlive: boolean
  /** Milliseconds for which the upstream keeps the connection; infinite when it does not say. */
  readonly idle: number
}

/**
 * The one way in which an answer to a request of this method is framed (RFC 9112 section 6.3). Throws
 * `UPSTREAM_MALFORMED` where two readers might see two: for more than one length, for a length beside a transfer
 * coding, and for a transfer coding that is not `chunked` alone.
 */
export function framingOf(head: Http1Head, method: string): Framing {
  const { status, fields, isVersion10 } = head
  let declared: string | undefined
  let coding: string | undefined
  let connection = ''
  let idle = Number.POSITIVE_INFINITY
  for (let index = 0; index < fields.length; index += 2) {
    const value = fields[index + 1] as string
    switch (knownName(fields[index] as string)) {
      case 'content-length':
        if (declared !== undefined) throw malformed('one content-length')
        declared = value
        break
      case 'transfer-encoding':
        if (coding !== undefined) throw malformed('one transfer coding')
        coding = value
        break
      case 'connection':
        connection += `,${value}`
        break
      case 'keep-alive':
        idle = idleOf(value)
    }
  }
  if (coding !== undefined) checkCoding(coding, declared, isVersion10)
  const length = declared === undefined ? Number.POSITIVE_INFINITY : lengthOf(declared)
  const hasContent = method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304
  const isChunked = coding !== undefined
  return {
    length: hasContent ? length : 0,
    isChunked: hasContent && isChunked,
    keepsAlive:
      persists(connection, isVersion10) &&
      (hasContent
        ? isChunked || declared !== undefined
        : // content that must not be there may come all the same, and be taken for the next answer
          !isChunked && (declared === undefined || length === 0)),
    idle,
  }
}

/** The fields by which a connection works, by their lengths first: nearly all names are others. */
function knownName(name: string): string {
  const { length } = name
  return length === 10 || length === 14 || length === 17 ? name.toLowerCase() : ''
}

/** RFC 9112 section 6.1: HTTP/1.0 knows no transfer coding. */
function checkCoding(coding: string, declared: string | undefined, isVersion10: boolean): void {
  if (declared !== undefined || isVersion10 || coding.toLowerCase() !== 'chunked') {
    throw malformed('no transfer coding but chunked, and no length beside it')
  }
}

function lengthOf(declared: string): number {
  if (!/^\d{1,15}$/.test(declared)) throw malformed('a content-length in digits')
  return Number(declared)
}

/** RFC 9112 section 9.3; `connection` has a comma before each option. */
function persists(connection: string, isVersion10: boolean): boolean {
  return !CLOSE.test(connection) && (!isVersion10 || KEEP_ALIVE.test(connection))
}

const CLOSE = /,[\t ]*close[\t ]*(?:,|$)/i
const KEEP_ALIVE = /,[\t ]*keep-alive[\t ]*(?:,|$)/i

function idleOf(value: string): number {
  const [, seconds] = /(?:^|[\s,;])timeout\s*=\s*"?(\d{1,9})/i.exec(value) ?? []
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000
}
