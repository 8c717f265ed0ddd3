import { describe, expect, it } from 'vitest'
import { framingOf } from '../../../../src/forward/http1/framing.ts'

const framed = (fields: string[], { status = 200, method = 'GET', isVersion10 = false } = {}) =>
  framingOf({ status, reason: '', fields, isVersion10 }, method)

const LENGTH = ['Content-Length', '3']

it.each([
  ['the length that it says', LENGTH, { length: 3, isChunked: false, keepsAlive: true }],
  [
    'the chunks that it says',
    ['Transfer-Encoding', 'chunked'],
    { isChunked: true, keepsAlive: true },
  ],
  [
    'its connection',
    ['X-Length', '3'],
    { length: Number.POSITIVE_INFINITY, isChunked: false, keepsAlive: false },
  ],
])('an answer ends with %s', (_with, fields, expected) => {
  expect(framed(fields)).toMatchObject(expected)
})

it.each([
  ['HEAD', 200, LENGTH],
  ['GET', 204, ['transfer-encoding', 'chunked']],
  ['GET', 304, LENGTH],
  ['GET', 199, LENGTH],
])('an answer to %s with the status %i has no content', (method, status, fields) => {
  expect(framed(fields, { method, status })).toMatchObject({ length: 0, isChunked: false })
})

describe('the time for which the upstream keeps a connection', () => {
  const idleOf = (value: string) => framed([...LENGTH, 'Keep-Alive', value]).idle

  it.each([
    ['timeout=5', 5000],
    ['max=100, timeout=15', 15_000],
    ['max=100,Timeout = "7"', 7000],
    ['timeout=0', 0],
  ])('is in %j', (value, expected) => {
    expect(idleOf(value)).toBe(expected)
  })

  it.each(['', 'max=100', 'timeout', 'timeout=x', 'xtimeout=5'])('is not in %j', (value) => {
    expect(idleOf(value)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is told by no other field', () => {
    expect(framed([...LENGTH, 'x-eep-alive', 'timeout=5', 'Keep', 'timeout=5']).idle).toBe(
      Number.POSITIVE_INFINITY,
    )
  })
})

it('takes the options of several lines together', () => {
  const fields = [...LENGTH, 'Connection', 'x', 'connection', 'close']
  expect(framed(fields).keepsAlive).toBe(false)
})
