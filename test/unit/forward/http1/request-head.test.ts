import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { requestHead } from '../../../../src/forward/http1/request-head.ts'
import type { OutgoingRequest } from '../../../../src/forward/outgoing-request.ts'

const headOf = (change: Partial<OutgoingRequest> = {}) =>
  requestHead({ method: 'GET', path: '/', headers: ['host', 'a'], body: null, ...change })

const stream = () => Object.assign(Readable.from([]), { taken: () => undefined })
const declared = (length: string) => ['host', 'a', 'Content-Length', length]

it('writes the host first, then the connection, then the fields as they are', () => {
  const headers = ['X-A', '1', 'Host', 'up:8080', 'x-a', 'caf\xe9\t"', 'x-empty', '']
  expect(headOf({ path: '/a?b=%20', headers })).toEqual({
    text: 'GET /a?b=%20 HTTP/1.1\r\nhost: up:8080\r\nconnection: keep-alive\r\nX-A: 1\r\nx-a: caf\xe9\t"\r\nx-empty: \r\n\r\n',
    length: 0,
    isLast: false,
  })
})

it('writes what the protocol is to change to', () => {
  const { text, isLast } = headOf({ upgrade: 'websocket' })
  expect(text).toBe(
    'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  )
  expect(isLast).toBe(true)
})

describe('the framing of', () => {
  it.each<[string, Partial<OutgoingRequest>, string, number, boolean]>([
    ['no body', {}, '', 0, false],
    ['no body of DELETE', { method: 'DELETE', headers: declared('0') }, '', 0, false],
    ['no body of POST', { method: 'POST' }, 'content-length: 0', 0, false],
    [
      'an empty body of PUT',
      { method: 'PUT', body: Buffer.alloc(0) },
      'content-length: 0',
      0,
      false,
    ],
    ['bytes', { method: 'POST', body: Buffer.from('abc') }, 'content-length: 3', 3, false],
    [
      'bytes of their length',
      { method: 'PATCH', headers: declared('3'), body: Buffer.from('abc') },
      'content-length: 3',
      3,
      false,
    ],
    ['bytes of GET', { body: Buffer.from('abc') }, 'content-length: 3', 3, true],
    [
      'bytes of DELETE',
      { method: 'DELETE', body: Buffer.from('abc') },
      'content-length: 3',
      3,
      true,
    ],
    [
      'a stream of a length',
      { method: 'QUERY', headers: declared('7'), body: stream() },
      'content-length: 7',
      7,
      false,
    ],
    [
      'a stream',
      { method: 'PROPFIND', body: stream() },
      'transfer-encoding: chunked',
      Number.POSITIVE_INFINITY,
      false,
    ],
    [
      'a stream of LOCK',
      { method: 'LOCK', body: stream() },
      'transfer-encoding: chunked',
      Number.POSITIVE_INFINITY,
      true,
    ],
    ['no body of HEAD', { method: 'HEAD' }, '', 0, true],
  ])('%s', (_case, request, framing, length, isLast) => {
    const head = headOf(request)
    const lines = head.text.split('\r\n').slice(2, -2)
    expect(lines).toEqual([
      `connection: ${isLast ? 'close' : 'keep-alive'}`,
      ...(framing === '' ? [] : [framing]),
    ])
    expect([head.length, head.isLast]).toEqual([length, isLast])
  })

  it.each([
    ['bytes', Buffer.from('abc')],
    ['nothing', null],
  ])('%s of another length than declared is refused', (_what, body) => {
    expect(() => headOf({ method: 'POST', headers: declared('4'), body })).toThrow(
      expect.objectContaining({ code: 'REQUEST_LENGTH' }),
    )
  })
})

it.each<[string, Partial<OutgoingRequest>]>([
  ...['', 'GE T', 'GET\r\n', 'G\u0100', 'GET /a'].map((method): [string, object] => [
    `the method ${JSON.stringify(method)}`,
    { method },
  ]),
  ...['', '/a b', '/a\r\nx: y', '/\n', '/\0', '/\x7f', '/\u010a', '/ HTTP/1.1\r\nx: y\r\n'].map(
    (path): [string, object] => [`the target ${JSON.stringify(path)}`, { path }],
  ),
  ...['a\r\nx: y', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', 'a\u010ab', '\u20ac'].map(
    (value): [string, object] => [
      `the value ${JSON.stringify(value)}`,
      { headers: ['host', 'a', 'x', value] },
    ],
  ),
  ...['', 'a b', 'a:', 'a\r\nb', 'a\n', '\xef', 'x\u0100'].map((name): [string, object] => [
    `the name ${JSON.stringify(name)}`,
    { headers: ['host', 'a', name, '1'] },
  ]),
  ['the host with a line feed', { headers: ['host', 'a\nb'] }],
  ['no host', { headers: ['x', '1'] }],
  ['two hosts', { headers: ['host', 'a', 'Host', 'a'] }],
  ['two lengths', { method: 'POST', headers: [...declared('0'), 'content-length', '0'] }],
  ...['', '+1', '1, 1', '0x1', '1 ', '1234567890123456'].map((length): [string, object] => [
    `the length ${JSON.stringify(length)}`,
    { headers: declared(length) },
  ]),
  ...['Connection', 'keep-alive', 'Upgrade', 'TRANSFER-ENCODING'].map((name): [string, object] => [
    `the field ${name}`,
    { headers: ['host', 'a', name, 'x'] },
  ]),
])('T018 refuses %s', (_case, change) => {
  expect(() => headOf(change)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
})

it.each(['x-hop', 'Post', 'Expect', 'connectio', 'content-lengths', 'transfer-encodin'])(
  'takes %s for any other field',
  (name) => {
    expect(headOf({ headers: ['host', 'a', name, '1'] }).text).toContain(`\r\n${name}: 1\r\n`)
  },
)
