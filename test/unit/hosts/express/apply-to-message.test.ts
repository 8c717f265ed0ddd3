import { createServer, type IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { applyToMessage } from '../../../../src/hosts/express/apply-to-message.ts'
import type { Outgoing } from '../../../../src/hosts/prepare.ts'
import { listening } from '../../../support/listening.ts'
import { rawRequest } from '../../../support/raw-client.ts'

/** Hands a real message with these lines to `look`. */
async function receive(
  lines: readonly string[],
  look: (message: IncomingMessage) => Promise<void>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer((message, response) => {
    look(message).then(resolve, reject)
    response.end()
  })
  const port = await listening(server)
  const head = ['GET /path?old=1 HTTP/1.1', 'Host: a', ...lines, 'Connection: close']
  await rawRequest(port, `${head.join('\r\n')}\r\n\r\n`)
  await promise
}

function outgoing(headers: string[], search = ''): Outgoing {
  const answer = { credentials: [], inQuery: false, exposed: [] }
  return { headers, search, answer, decision: {} as Outgoing['decision'] }
}

it.each([
  ['one line', ['X-One: 1']],
  ['repeated lines', ['X-Two: a', 'x-two: b', 'X-TWO: c']],
  ['repeated cookies', ['Cookie: a=1', 'Cookie: b=2']],
  ['lists that may repeat', ['Accept: a', 'Accept: b', 'Cache-Control: c', 'Cache-Control: d']],
  ['a field of set-cookie', ['Set-Cookie: a=1', 'Set-Cookie: b=2']],
  ['a name of Object.prototype', ['constructor: a', 'constructor: b', 'toString: c']],
  ['an empty value', ['X-Empty:', 'X-Empty: 1']],
  ...[
    ...['Age', 'Authorization', 'Content-Type', 'ETag', 'Expires', 'From', 'Last-Modified'],
    ...['If-Modified-Since', 'If-Unmodified-Since', 'Location', 'Max-Forwards', 'Referer'],
    ...['Proxy-Authorization', 'Retry-After', 'Server', 'User-Agent'],
  ].map((name) => [`two lines of ${name}`, [`${name}: a`, `${name}: b`]] as const),
] as const)('shows %s as node:http does', async (_title, lines) => {
  await receive(lines, async (message) => {
    const before = structuredClone({ ...message.headers })
    const distinct = structuredClone({ ...message.headersDistinct })
    const raw = [...message.rawHeaders]
    await applyToMessage(message, outgoing(raw))
    expect(message.headers).toEqual(before)
    expect({ ...message.headersDistinct }).toEqual(distinct)
    expect(message.rawHeaders).toEqual(raw)
  })
})

it('keeps the prototype that handlers count on', async () => {
  await receive([], async (message) => {
    await applyToMessage(message, outgoing(['x-one', '1', '__proto__', 'x']))
    expect(Object.hasOwn(message.headers, 'x-one')).toBe(true)
    expect(message.headers.hasOwnProperty).toBe(Object.prototype.hasOwnProperty)
  })
})

it.each([
  ['?a=1', '/path?a=1', '/mount/path?a=1'],
  ['?', '/path?', '/mount/path?'],
  ['', '/path', '/mount/path'],
])('replaces the query by %j in url and originalUrl', async (search, url, originalUrl) => {
  await receive([], async (message) => {
    const mounted = Object.assign(message, { originalUrl: '/mount/path?old=1' })
    await applyToMessage(mounted, outgoing([], search))
    expect(mounted).toMatchObject({ url, originalUrl })
  })
})

it('changes the array of raw lines that others may hold already', async () => {
  await receive(['X-Old: 1'], async (message) => {
    const held = message.rawHeaders
    await applyToMessage(message, outgoing(['x-new', '1']))
    expect(held).toEqual(['x-new', '1'])
  })
})
