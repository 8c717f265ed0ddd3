import { errors } from 'undici'
import { expect, it } from 'vitest'
import { CountersignError } from '../../../src/errors.ts'
import { upstreamError } from '../../../src/forward/index.ts'

it.each<[unknown, string]>([
  [new errors.ConnectTimeoutError('to 10.0.0.1'), 'upstream/timeout'],
  [new errors.SocketError('other side closed'), 'upstream/protocol'],
  [new errors.HTTPParserError('bad'), 'upstream/protocol'],
  [new errors.ClientDestroyedError(), 'upstream/unreachable'],
  [new errors.RequestContentLengthMismatchError(), 'request/malformed'],
  [new errors.InvalidArgumentError('invalid header'), 'internal'],
  [new errors.ClientClosedError(), 'upstream/unreachable'],
  [new errors.NotSupportedError('x'), 'internal'],
  [
    new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]),
    'upstream/unreachable',
  ],
  ['not an error', 'upstream/protocol'],
])('takes %s for %s', (thrown, code) => {
  expect(upstreamError(thrown).code).toBe(code)
})

it.each([
  ['ETIMEDOUT', 'upstream/timeout'],
  ['ECONNREFUSED', 'upstream/unreachable'],
  ['EHOSTUNREACH', 'upstream/unreachable'],
  ['ENETUNREACH', 'upstream/unreachable'],
  ['ENOTFOUND', 'upstream/unreachable'],
  ['EAI_AGAIN', 'upstream/unreachable'],
  ['EADDRNOTALLOWED', 'upstream/unreachable'],
  ['EMFILE', 'overload'],
  ['ENFILE', 'overload'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'upstream/protocol'],
  ['UPSTREAM_CLOSED', 'upstream/protocol'],
  ['UPSTREAM_RESET', 'upstream/protocol'],
  ['UPSTREAM_MALFORMED', 'upstream/protocol'],
  ['UPSTREAM_DESTROYED', 'upstream/unreachable'],
  ['REQUEST_LENGTH', 'request/malformed'],
  ['REQUEST_INVALID', 'internal'],
])('takes %s of the system or the wire for %s', (name, code) => {
  expect(upstreamError(Object.assign(new Error('x'), { code: name })).code).toBe(code)
})

it.each([
  ['CANARY', 'unknown'],
  [new TypeError('CANARY'), 'TypeError'],
  [Object.assign(new TypeError('CANARY'), { code: 7 }), 'TypeError'],
])('names %s, which has no code, %s', (thrown, name) => {
  expect(upstreamError(thrown).message).toBe(`expected an answer from the upstream, met ${name}`)
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
