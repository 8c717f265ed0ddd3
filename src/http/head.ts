import { isIPv6 } from 'node:net'
import { CountersignError } from '../errors.ts'
import { remembering } from '../header-name.ts'
import type { Multimap, RequestHead } from '../types.ts'
import { addLine, createMultimap, linesOf } from './multimap.ts'
import { parseParameters } from './parameters.ts'
import { parseTarget } from './target.ts'
import { checkUpgrade } from './upgrade.ts'

/** What a server knows about a request before its body. */
export interface HeadInput {
  readonly method: string
  /** The request target as received, one character a byte. */
  readonly url: string
  /** Names and values by turns, in the order received, as `IncomingMessage.rawHeaders`. */
  readonly rawHeaders: readonly string[]
  /** `1.1` or `1.0`. */
  readonly httpVersion: string
  readonly scheme: 'http' | 'https'
  /** `ip:port` of the peer. */
  readonly remoteAddress: string
  /** `ip:port` of our side. */
  readonly localAddress: string
  /** Most bytes of the request target. Default 16 KiB. */
  readonly targetSize?: number
}

const HOST_AND_PORT = /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{1,5}))?$/

/**
 * The head of a request, checked once for everything that two servers may read differently.
 * Throws `request/…`; see `parseTarget` for the target.
 */
export function createHead(input: HeadInput): RequestHead {
  if (input.httpVersion !== '1.1' && input.httpVersion !== '1.0') {
    throw new CountersignError('request/malformed', 'expected HTTP/1.0 or HTTP/1.1')
  }
  const { path, query } = parseTarget(input.method, input.url, input.targetSize)
  const headers = parseHeaders(input.rawHeaders)
  const host = parseHost(headers, input.httpVersion)
  checkFraming(headers, input.httpVersion)
  checkExpect(headers)
  checkUpgrade({ method: input.method, httpVersion: input.httpVersion, headers })
  return {
    method: input.method,
    scheme: input.scheme,
    version: `HTTP/${input.httpVersion}`,
    host,
    requestPath: path,
    requestUri: input.url,
    queryString: query,
    queryParams: parseParameters(query),
    headers,
    remoteAddress: input.remoteAddress,
    localAddress: input.localAddress,
  }
}

const lowerCase = remembering((name) => name.toLowerCase())

function parseHeaders(rawHeaders: readonly string[]): Multimap {
  const headers = createMultimap()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    addLine(headers, lowerCase(rawHeaders[index] as string), rawHeaders[index + 1] as string)
  }
  return headers
}

function parseHost({ host: sent }: Multimap, httpVersion: string): string {
  if (sent === undefined && httpVersion === '1.0') return ''
  const host = typeof sent === 'string' ? validHost(sent) : ''
  if (host === '') {
    throw new CountersignError('request/bad-host', 'expected one Host field with a host and a port')
  }
  return host
}

/** The host in lower case; empty for what is none. */
const validHost = remembering((host) => {
  const parts = HOST_AND_PORT.exec(host)
  const literal = parts?.[2]
  const valid = parts !== null && (literal === undefined || isIPv6(literal))
  return valid && Number(parts[3] ?? 0) <= 65_535 ? host.toLowerCase() : ''
})

function checkFraming(headers: Multimap, httpVersion: string): void {
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
  const lengths = linesOf(headers, 'content-length')
  const codings = linesOf(headers, 'transfer-encoding')
  if (codings.length > 0) {
    const chunked = codings.length === 1 && codings[0]?.toLowerCase() === 'chunked'
    if (!chunked || httpVersion === '1.0' || lengths.length > 0) {
      throw new CountersignError(
        'request/malformed',
        'expected chunked as the only transfer coding, on HTTP/1.1, without a Content-Length',
      )
    }
  }
  const plausible = lengths.every((text) => /^[0-9]{1,15}$/.test(text))
  if (lengths.length > 1 || !plausible) {
    throw new CountersignError('request/malformed', 'expected one Content-Length in decimal digits')
  }
}

function checkExpect(headers: Multimap): void {
  if (headers.expect === undefined) return
  const lines = linesOf(headers, 'expect')
  if (lines.some((text) => text.toLowerCase() !== '100-continue')) {
    throw new CountersignError('request/expectation', 'expected no expectation but 100-continue')
  }
}
