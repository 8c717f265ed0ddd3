import { describe, expect, it } from 'vitest'
import { createHead, type HeadInput } from '../../../src/http/head.ts'
import { errorCode } from '../../support/error-code.ts'
import { webSocketFields } from '../../support/web-socket.ts'

function head(rawHeaders: readonly string[], change: Partial<HeadInput> = {}) {
  return createHead({
    method: 'GET',
    url: '/orders/7?x=1&x=2',
    rawHeaders,
    httpVersion: '1.1',
    scheme: 'http',
    remoteAddress: '127.0.0.1:5000',
    localAddress: '127.0.0.1:8080',
    ...change,
  })
}

describe('createHead', () => {
  it('holds what the request line and the raw lines say', () => {
    const raw = ['Host', 'Orders.Internal:8080', 'X-A', '1', 'x-b', '', 'x-a', '2', 'X-A', '3, 4']
    expect(head(raw)).toEqual({
      method: 'GET',
      scheme: 'http',
      version: 'HTTP/1.1',
      host: 'orders.internal:8080',
      requestPath: '/orders/7',
      requestUri: '/orders/7?x=1&x=2',
      queryString: 'x=1&x=2',
      queryParams: { x: ['1', '2'] },
      headers: { host: 'Orders.Internal:8080', 'x-a': ['1', '2', '3, 4'], 'x-b': '' },
      remoteAddress: '127.0.0.1:5000',
      localAddress: '127.0.0.1:8080',
    })
  })

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for a header name', (name) => {
    expect(Object.entries(head(['host', 'a', name, 'v']).headers)).toContainEqual([
      name.toLowerCase(),
      'v',
    ])
    expect(head(['host', 'a']).headers[name]).toBeUndefined()
  })

  it.each([
    ['a'],
    ['a.example:443'],
    ['a:65535'],
    ['my_service'],
    ['127.0.0.1:80'],
    ['[::1]'],
    ['[2001:DB8::1]:8443'],
  ])('takes Host: %s', (host) => {
    expect(head(['Host', host]).host).toBe(host.toLowerCase())
  })

  it.each([
    ['no Host', []],
    ['two Host lines', ['Host', 'a', 'host', 'evil']],
    ['two equal Host lines', ['Host', 'a', 'Host', 'a']],
    ['userinfo', ['Host', 'a@evil']],
    ['a space', ['Host', 'a b']],
    ['nothing in it', ['Host', '']],
    ['a list', ['Host', 'a, evil']],
    ['a path', ['Host', 'a/b']],
    ['a port too high', ['Host', 'a:65536']],
    ['an empty port', ['Host', 'a:']],
    ['a broken address', ['Host', '[::g]']],
    ['half an address', ['Host', '[1:2]']],
    ['a leading dot', ['Host', '.a']],
    ['non-ASCII', ['Host', 'caf\xe9']],
  ])('refuses a request with %s', async (_case, raw) => {
    expect(await errorCode(() => head(raw))).toBe('request/bad-host')
  })

  it('takes HTTP/1.0 without Host', () => {
    expect(head([], { httpVersion: '1.0' })).toMatchObject({ host: '', version: 'HTTP/1.0' })
    expect(head(['Host', 'a'], { httpVersion: '1.0' }).host).toBe('a')
  })

  it.each(['0.9', '2.0', '1.32', ''])('refuses HTTP/%s', async (httpVersion) => {
    const code = await errorCode(() => head(['host', 'a'], { httpVersion }))
    expect(code).toBe('request/malformed')
  })

  it.each([
    [['Content-Length', '6', 'Transfer-Encoding', 'chunked']],
    [['Content-Length', '2', 'content-length', '2']],
    [['Content-Length', '2, 2']],
    [['Content-Length', '+2']],
    [['Content-Length', '-1']],
    [['Content-Length', '0x2']],
    [['Content-Length', '1_0']],
    [['Content-Length', '']],
    [['Content-Length', '18446744073709551616']],
    [['Content-Length', '9223372036854775808']],
    [['Transfer-Encoding', 'xchunked']],
    [['Transfer-Encoding', 'gzip, chunked']],
    [['Transfer-Encoding', 'chunked, identity']],
    [['Transfer-Encoding', ',chunked']],
    [['Transfer-Encoding', '"chunked"']],
    [['Transfer-Encoding', '\x0bchunked']],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
  ])('refuses the framing %j', async (framing) => {
    expect(await errorCode(() => head(['Host', 'a', ...framing]))).toBe('request/malformed')
  })

  it.each([
    [['Content-Length', '003']],
    [['Content-Length', '0']],
    [['Transfer-Encoding', 'Chunked']],
  ])('takes the framing %j', (framing) => {
    expect(head(['Host', 'a', ...framing]).headers).toHaveProperty(framing[0]?.toLowerCase() ?? '')
  })

  it('refuses chunked on HTTP/1.0', async () => {
    const raw = ['Host', 'a', 'Transfer-Encoding', 'chunked']
    expect(await errorCode(() => head(raw, { httpVersion: '1.0' }))).toBe('request/malformed')
  })

  it.each([
    ['100-Continue', 'none'],
    ['100-Continue, x', 'request/expectation'],
    ['foo', 'request/expectation'],
  ])('answers Expect: %s with %s', async (value, code) => {
    expect(await errorCode(() => head(['Host', 'a', 'Expect', value]))).toBe(code)
  })

  it.each([
    ['nothing but the protocol', ['Connection', 'Upgrade', 'Upgrade', 'websocket']],
    ['another protocol', ['Connection', 'Upgrade', 'Upgrade', 'h2c']],
    ['no protocol', ['Connection', 'upgrade']],
    ['a protocol that is not nominated', webSocketFields({ connection: undefined })],
  ])('T036 refuses an upgrade with %s', async (_case, lines) => {
    expect(await errorCode(() => head(['Host', 'a', ...lines]))).toBe('request/upgrade')
  })

  it('takes a request for a WebSocket', () => {
    expect(head(['Host', 'a', ...webSocketFields({})]).headers.upgrade).toBe('websocket')
  })
})
