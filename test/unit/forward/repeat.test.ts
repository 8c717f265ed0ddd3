import { errors } from 'undici'
import { expect, it } from 'vitest'
import { mayRepeat } from '../../../src/forward/repeat.ts'

const closed = new errors.SocketError('other side closed')

it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('R12 repeats %s', (method) => {
  expect(mayRepeat({ method, body: null }, closed)).toBe(true)
})

it.each(['UND_ERR_SOCKET', 'UPSTREAM_CLOSED', 'UPSTREAM_RESET', 'ECONNRESET', 'EPIPE'])(
  'R12 repeats after %s',
  (code) => {
    const error = Object.assign(new Error('x'), { code })
    expect(mayRepeat({ method: 'GET', body: null }, error)).toBe(true)
  },
)

it.each(['POST', 'PATCH', 'CONNECT', 'get', 'LOCK'])('R12 never repeats %s', (method) => {
  expect(mayRepeat({ method, body: null }, closed)).toBe(false)
})

it('R12 never repeats a request with a body', () => {
  expect(mayRepeat({ method: 'PUT', body: Buffer.from('a') }, closed)).toBe(false)
})

it('R12 never repeats a request with a credential for a single use', () => {
  expect(mayRepeat({ method: 'GET', body: null, isSingleUse: true }, closed)).toBe(false)
})

it.each([
  ['a time limit', new errors.HeadersTimeoutError()],
  ['broken HTTP', new errors.HTTPParserError('bad')],
  ['no connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' })],
  ['an error without a code', new Error('x')],
])('does not repeat after %s', (_case, error) => {
  expect(mayRepeat({ method: 'GET', body: null }, error)).toBe(false)
})
