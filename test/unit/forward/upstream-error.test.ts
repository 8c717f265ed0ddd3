import { errors } from 'undici'
import { expect, it } from 'vitest'
import { CountersignError } from '../../../src/errors.ts'
import { upstreamError } from '../../../src/forward/index.ts'

it.each<[unknown, string]>([
  [new errors.ConnectTimeoutError('to 10.0.0.1'), 'upstream/timeout'],
  [new errors.HeadersTimeoutError(), 'upstream/timeout'],
  [new errors.BodyTimeoutError(), 'upstream/timeout'],
  [new errors.SocketError('other side closed'), 'upstream/protocol'],
  [new errors.HTTPParserError('bad'), 'upstream/protocol'],
  [new errors.ClientDestroyedError(), 'upstream/unreachable'],
  [new errors.RequestContentLengthMismatchError(), 'request/malformed'],
  [new errors.InvalidArgumentError('invalid header'), 'internal'],
  [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'upstream/unreachable'],
  [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'upstream/unreachable'],
  [Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'upstream/protocol'],
  [
    new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]),
    'upstream/unreachable',
  ],
  ['not an error', 'upstream/protocol'],
])('takes %s for %s', (thrown, code) => {
  expect(upstreamError(thrown).code).toBe(code)
})

it('keeps the name of the cause and none of its text', () => {
  const error = upstreamError(new errors.ConnectTimeoutError('to user:secret@10.0.0.1'))
  expect(error.message).toContain('UND_ERR_CONNECT_TIMEOUT')
  expect(error.message).not.toContain('secret')
  expect(error.cause).toBeUndefined()
})

it('gives an error of ours back as it is', () => {
  const error = new CountersignError('request/aborted', 'the client went away')
  expect(upstreamError(error)).toBe(error)
})
