import { CountersignError } from '../errors.ts'

/** A request target in origin form, cut at the first `?`. Nothing is decoded or normalised. */
export interface Target {
  readonly path: string
  /** Without `?`; empty when there is none. */
  readonly query: string
}

const TARGET_SIZE = 16 * 1024
const ORIGIN_FORM = /^\/(?![/\\])[\x21\x22\x24-\x7e]*$/
/** Where alone a segment can begin that some server does not read as a name. */
const UNUSUAL_SEGMENT = /\/(?:[./;]|%3b)/i
const TRIPLET = /%([0-9A-Fa-f]{2})?/g
const UNRESERVED = /[A-Za-z0-9\-._~]/

/**
 * Takes a request target (RFC 9112 section 3.2) apart, refusing every form that two servers may read
 * differently, so that what was matched is what is forwarded. `rawUrl` holds one character a byte.
 *
 * Throws `request/method` for CONNECT and TRACE, `request/uri-too-long` above `limit` bytes, `request/bad-target`
 * for anything but origin form in visible ASCII, and `request/ambiguous-path` for dot segments, empty
 * segments, and encoded characters that a server may decode into either.
 */
export function parseTarget(method: string, rawUrl: string, limit = TARGET_SIZE): Target {
  checkMethod(method)
  if (rawUrl.length > limit) {
    throw new CountersignError(
      'request/uri-too-long',
      `expected a target of at most ${limit} bytes`,
    )
  }
  if (!ORIGIN_FORM.test(rawUrl)) {
    throw new CountersignError(
      'request/bad-target',
      'expected a target in origin form, visible ASCII',
    )
  }
  const mark = rawUrl.indexOf('?')
  const path = mark === -1 ? rawUrl : rawUrl.slice(0, mark)
  if (path.includes('\\')) {
    throw new CountersignError('request/bad-target', 'expected a path without a backslash')
  }
  if (path.includes('%')) checkTriplets(path)
  if (UNUSUAL_SEGMENT.test(path)) checkSegments(path)
  return { path, query: mark === -1 ? '' : rawUrl.slice(mark + 1) }
}

function checkMethod(method: string): void {
  // A TRACE reply repeats the request, and with it the credential, to the caller (RFC 9110 section 9.3.8).
  if (method === 'CONNECT' || method === 'TRACE') {
    throw new CountersignError('request/method', 'expected a method other than CONNECT and TRACE')
  }
  if (!/^[A-Z][A-Z0-9_-]*$/.test(method)) {
    throw new CountersignError('request/malformed', 'expected an upper-case method')
  }
}

function checkTriplets(path: string): void {
  for (const [, hex] of path.matchAll(TRIPLET)) {
    if (hex === undefined) {
      throw new CountersignError(
        'request/bad-target',
        'expected two hex digits after % in the path',
      )
    }
    const byte = Number.parseInt(hex, 16)
    // 0xC0 and 0xC1 begin nothing but overlong forms of ASCII characters, `/` and `.` among them.
    const hidden = byte === 0x00 || byte === 0x2f || byte === 0x5c || byte === 0xc0 || byte === 0xc1
    if (hidden || UNRESERVED.test(String.fromCharCode(byte))) {
      throw new CountersignError(
        'request/ambiguous-path',
        'expected a path without encoded separators or needlessly encoded characters',
      )
    }
  }
}

function checkSegments(path: string): void {
  const segments = path.slice(1).split('/')
  const last = segments.length - 1
  for (const [index, segment] of segments.entries()) {
    // Servers that know path parameters look at `..;x` as `..`, and at `;x` as an empty segment.
    const name = segment.split(/;|%3b/i, 1)[0]
    const trailing = index === last && segment === ''
    if (name === '.' || name === '..' || (name === '' && !trailing)) {
      throw new CountersignError(
        'request/ambiguous-path',
        'expected a path without dot segments and empty segments',
      )
    }
  }
}
