import type { OutgoingRequest } from '../outgoing-request.ts'
import { wireError } from '../wire-error.ts'

/** A request as far as its head goes. */
export interface RequestHead {
  /** All lines with their ends, the empty one too; each character an octet. */
  readonly text: string
  /** Octets of the body that follows; infinite when it is chunked. */
  readonly length: number
  /** True when the connection serves no other request. */
  readonly isLast: boolean
}

/** Methods of which every server reads a body (RFC 9110 section 9.3, RFC 4918); what others take for none comes next. */
const WITH_BODY: ReadonlySet<string> = new Set([
  'POST',
  'PUT',
  'PATCH',
  'QUERY',
  'PROPFIND',
  'PROPPATCH',
])

const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/
const TARGET = /^[\x21-\x7e\x80-\xff]+$/
/** A character that is no octet would be cut to one, such as a line feed. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Writes the head of a request (RFC 9112 sections 3 and 5): `Host` first, then what concerns the connection, the fields
 * and the framing. Throws `REQUEST_INVALID` for what would not be read as it was meant, whatever checked it before, and
 * `REQUEST_LENGTH` when a body has not the length that is declared.
 */
export function requestHead({
  method,
  path,
  headers,
  body,
  upgrade,
}: OutgoingRequest): RequestHead {
  if (!TOKEN.test(method) || !TARGET.test(path)) throw invalid('a method and a target')
  let host: string | undefined
  let declared: string | undefined
  let lines = ''
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string
    const value = headers[index + 1] as string
    if (!VALUE.test(value)) throw invalid('field values without control characters')
    switch (framingName(name)) {
      case 'host':
        if (host !== undefined) throw invalid('one host')
        host = value
        break
      case 'content-length':
        if (declared !== undefined || !/^\d{1,15}$/.test(value)) throw invalid('one length')
        declared = value
        break
      case '':
        if (!TOKEN.test(name)) throw invalid('names of fields')
        lines += `${name}: ${value}\r\n`
        break
      default:
        throw invalid('no field of the connection')
    }
  }
  if (host === undefined) throw invalid('a host')
  const length = bodyLength(body, declared)
  const hasBody = length > 0
  const takesBody = WITH_BODY.has(method)
  // servers send a body after HEAD now and then
  const isLast = upgrade !== undefined || method === 'HEAD' || (hasBody && !takesBody)
  const connection = upgrade ? `upgrade\r\nupgrade: ${upgrade}` : isLast ? 'close' : 'keep-alive'
  const framing =
    length === Number.POSITIVE_INFINITY
      ? 'transfer-encoding: chunked\r\n'
      : hasBody || takesBody
        ? `content-length: ${length}\r\n`
        : ''
  const text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${connection}\r\n${lines}${framing}\r\n`
  return { text, length, isLast }
}

/** Fields that are written here, by their lengths first: nearly all names are others; empty for those. */
function framingName(name: string): string {
  switch (name.length) {
    case 4:
    case 7:
    case 10:
    case 14:
    case 17: {
      const lower = name.toLowerCase()
      return WRITTEN_HERE.has(lower) ? lower : ''
    }
    default:
      return ''
  }
}

const WRITTEN_HERE: ReadonlySet<string> = new Set([
  'host',
  'upgrade',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
])

function bodyLength(body: OutgoingRequest['body'], declared: string | undefined): number {
  if (body && !('length' in body))
    return declared === undefined ? Number.POSITIVE_INFINITY : Number(declared)
  const length = body?.length ?? 0
  if (declared !== undefined && Number(declared) !== length) {
    throw wireError('REQUEST_LENGTH', 'expected a body of the declared length')
  }
  return length
}

function invalid(expected: string): Error {
  return wireError('REQUEST_INVALID', `expected ${expected}`)
}
