import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const secret = hmacSecret()

/** Sends bytes, half-closes, and gives what the client got and what the upstream saw. */
async function send(bytes: string, inject = '{ location: header }') {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
inject: ${inject}
`,
    upstream: upstream.url,
    variables: { SECRET: secret },
  })
  const reply = await rawRequest(proxy.port, bytes, { halfClose: true, timeout: 3000 })
  const events = await proxy.requestsOnce(1)
  await upstream.close()
  return { reply, events, upstream }
}

async function expectRefusal(bytes: string, statuses: readonly number[]) {
  const { reply, events, upstream } = await send(bytes)
  expect(statuses, reply.text).toContain(reply.status)
  expect(reply.text).toMatch(/\r\nconnection: (?:upgrade, )?close\r\n/i)
  expect(JSON.parse(reply.text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: reply.status })
  expect(['closed', 'reset']).toContain(reply.ended)
  expect(upstream.requests()).toEqual([])
  expect(events).toHaveLength(1)
  expect(events[0]?.status).toBe(reply.status)
}

function get(fields: string): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`
}

function post(fields: string, body: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`
}

function chunked(body: string): string {
  return post('Transfer-Encoding: chunked', body)
}

describe('T015 refuses', () => {
  it.each([
    ['CL.TE', 'Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\nG'],
    ['TE.CL', 'Transfer-Encoding: chunked\r\nContent-Length: 3', '1\r\nZ\r\n0\r\n\r\n'],
  ])('%s', async (_case, fields, body) => {
    await expectRefusal(post(fields, body), [400])
  })
})

describe('T016 refuses a Content-Length of', () => {
  it.each([
    '2\r\nContent-Length: 2',
    '2\r\nContent-Length: 3',
    '2, 2',
    '+2',
    '-1',
    '0x2',
    '1_0',
    '',
    '18446744073709551616',
    '9223372036854775808',
  ])('%j', async (length) => {
    await expectRefusal(post(`Content-Length: ${length}`, 'hi'), [400])
  })
})

it.each(['003', '3 ', '3\t'])(
  'T016 forwards a Content-Length of %j in canonical form',
  async (length) => {
    const { reply, upstream } = await send(post(`Content-Length: ${length}`, 'abc'))
    expect(reply.status).toBe(200)
    expect(upstream.requests()[0]?.values('content-length')).toEqual(['3'])
    expect(upstream.requests()[0]?.body.toString()).toBe('abc')
  },
)

describe('T017 refuses a Transfer-Encoding of', () => {
  it.each([
    'xchunked',
    'chunked, identity',
    'identity, chunked',
    'gzip, chunked',
    ',chunked',
    'chunked\r\nTransfer-Encoding: chunked',
    'chunked\r\nTransfer-Encoding: identity',
    '\x0bchunked',
    '"chunked"',
  ])('%j', async (coding) => {
    await expectRefusal(post(`Transfer-Encoding: ${coding}`, '1\r\nZ\r\n0\r\n\r\n'), [400, 501])
  })

  it.each([
    ['a space before the colon', post('Transfer-Encoding : chunked', '1\r\nZ\r\n0\r\n\r\n')],
    ['a folded line', post('Transfer-Encoding:\r\n chunked', '1\r\nZ\r\n0\r\n\r\n')],
    [
      'chunked on HTTP/1.0',
      'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nZ\r\n0\r\n\r\n',
    ],
  ])('%s', async (_case, bytes) => {
    await expectRefusal(bytes, [400, 501])
  })
})

it.each(['Chunked', 'CHUNKED', '\tchunked'])(
  'T017 forwards one Transfer-Encoding of %j',
  async (coding) => {
    const { reply, upstream } = await send(
      post(`Transfer-Encoding: ${coding}`, '1\r\nZ\r\n0\r\n\r\n'),
    )
    expect(reply.status).toBe(200)
    // the strict parser of the upstream takes one framing field and no more
    expect(upstream.requests()[0]?.body.toString()).toBe('Z')
  },
)

describe('T018 refuses', () => {
  it.each([
    ['a folded line', get('X-A: b\r\n Authorization: Bearer F')],
    ['a space before the first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'],
    ['a space before a colon', get('X-A : b')],
    ['an empty name', get(': x')],
    ['a line without a colon', get('NoColon')],
    ['a NUL', get('X-A: b\0c')],
    ['a bare CR', get('X-A: b\rY: c')],
    ['a bare LF', get('X-A: b\nAuthorization: Bearer L')],
    ['bare LF at every line', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['CR CR LF', 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\n'],
    ['a name that is not ASCII', get('X-\xef: b')],
  ])('%s', async (_case, bytes) => {
    await expectRefusal(bytes, [400])
  })
})

describe('T019 refuses', () => {
  it.each([
    ['0x1', '0x1\r\nZ\r\n0\r\n\r\n'],
    ['+1', '+1\r\nZ\r\n0\r\n\r\n'],
    ['0_1', '0_1\r\nZ\r\n0\r\n\r\n'],
    ['a space before the size', ' 1\r\nZ\r\n0\r\n\r\n'],
    ['a space after the size', '1 \r\nZ\r\n0\r\n\r\n'],
    ['no size', '\r\nZ\r\n0\r\n\r\n'],
    ['17 digits', `${'0'.repeat(16)}1\r\nZ\r\n0\r\n\r\n`.replace(/^0/, 'f')],
    ['a bare LF after the size', '1\nZ\r\n0\r\n\r\n'],
    ['no CRLF after the data', '1\r\nZxx0\r\n\r\n'],
    ['a bare LF after the data', '1\r\nZ\n0\r\n\r\n'],
    ['a bare LF in an extension', '1;\nxx\r\nZ\r\n0\r\n\r\n'],
    ['a bare CR in an extension', '1;\rxx\r\nZ\r\n0\r\n\r\n'],
    ['a long extension', `1;${'x'.repeat(20_000)}\r\nZ\r\n0\r\n\r\n`],
  ])('a chunk with %s', async (_case, body) => {
    const { reply, events, upstream } = await send(chunked(body))
    expect([400, 413]).toContain(reply.status)
    expect(['closed', 'reset']).toContain(reply.ended)
    expect(upstream.requests()).toEqual([])
    expect(events.map(({ status }) => status)).toEqual([reply.status])
  })

  it('and gives the upstream up when a chunk deep in a stream is malformed', async () => {
    const upstream = await recordingUpstream()
    const proxy = await startProxy({
      policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
`,
      upstream: upstream.url,
      variables: { SECRET: secret },
    })
    const reply = await rawRequest(proxy.port, [chunked('1\r\nA\r\n'), 'zz\r\n'], { pause: 100 })
    expect(reply.status).toBe(400)
    const [event] = await proxy.requestsOnce(1)
    expect(event?.error?.code).toBe('request/malformed')
    expect(upstream.connections()).toHaveLength(1)
    expect(upstream.requests()).toEqual([])
    const next = await fetch(proxy.url, { method: 'POST', body: 'B' })
    expect(next.status).toBe(200)
    expect(upstream.connections()).toHaveLength(2)
    await upstream.close()
  })
})

describe('T022 refuses', () => {
  it.each([
    'GET / HTTP/2.0\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.32\r\nHost: a\r\n\r\n',
    'GET / HTTP/0.9\r\n\r\n',
    'GET /\r\n\r\n',
    'get / HTTP/1.1\r\nHost: a\r\n\r\n',
    'G=":<>(e),[T];?" / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /\nHTTP/1.1\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])('%j', async (bytes) => {
    await expectRefusal(bytes, [400, 501, 505])
  })
})

describe('T023 refuses', () => {
  it.each(['Host: a\r\nHost: evil', 'Host: a@evil', 'Host: a b', 'Host:', 'X-A: no host at all'])(
    '%j',
    async (fields) => {
      await expectRefusal(`GET / HTTP/1.1\r\n${fields}\r\n\r\n`, [400])
    },
  )

  it('a target that names another host', async () => {
    await expectRefusal('GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n', [400])
  })
})

it('T001 refuses a Connection field that nominates the credential', async () => {
  await expectRefusal(get('Connection: close, authorization\r\nAuthorization: Bearer C'), [400])
})

it('T027 refuses CONNECT', async () => {
  await expectRefusal('CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n', [405])
})

it.each([
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\nSec-WebSocket-Version: 13',
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk',
  'Connection: upgrade',
])('T036 refuses an upgrade: %j', async (fields) => {
  await expectRefusal(get(fields), [426, 400])
})

it('serves HTTP/1.0 without Host, and ends the connection', async () => {
  const { reply, upstream } = await send('GET /a HTTP/1.0\r\n\r\n')
  expect(reply.status).toBe(200)
  expect(reply.text).toMatch(/ok$/)
  expect(upstream.requests()[0]?.version).toBe('1.1')
  expect(upstream.requests()[0]?.values('host')).toEqual([upstream.url.slice('http://'.length)])
})

it('answers pipelined requests in order, and a malformed one after them', async () => {
  const { reply, upstream } = await (async () => {
    const upstream = await recordingUpstream(
      ({ target }) => `HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${target}`,
    )
    const proxy = await startProxy({
      policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
`,
      upstream: upstream.url,
      variables: { SECRET: secret },
    })
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
    const reply = await rawRequest(proxy.port, `${request('/1')}${request('/2')}garbage\r\n\r\n`)
    await upstream.close()
    return { reply, upstream }
  })()
  expect(reply.text.match(/HTTP\/1\.1 \d+|\/\d/g)).toEqual([
    'HTTP/1.1 200',
    '/1',
    'HTTP/1.1 200',
    '/2',
    'HTTP/1.1 400',
  ])
  expect(upstream.requests()).toHaveLength(2)
})
