import { describe, expect, it } from 'vitest'
import { CountersignError, type ErrorCode, STATUS } from '../../../src/errors.ts'
import { problem } from '../../../src/http/problem.ts'

const codes = Object.keys(STATUS) as ErrorCode[]

describe('problem', () => {
  it.each(codes)('tells the caller of %s its code and nothing from inside', (code) => {
    const error = new CountersignError(code, 'CANARY', { policy: 'CANARY', at: 'CANARY' })
    const { status, headers, body } = problem(error, 'r-1')
    const document = JSON.parse(body)
    expect(status).toBe(STATUS[code])
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' })
    expect(document).toEqual({
      type: `urn:countersign:error:${code}`,
      title: expect.stringMatching(/^[A-Z][^.]+$/),
      status,
      code,
      request_id: 'r-1',
    })
    expect(body + JSON.stringify(headers)).not.toContain('CANARY')
  })

  it('tells with which protocols the connection can go on', () => {
    const served = {
      connection: 'upgrade, close',
      upgrade: 'HTTP/1.1',
      'sec-websocket-version': '13',
    }
    const headersOf = (code: ErrorCode) => problem(new CountersignError(code, 'x'), 'r-1').headers
    const upgrade = codes.filter((code) => STATUS[code] === 426)
    expect(upgrade).not.toEqual([])
    for (const code of upgrade) expect(headersOf(code)).toMatchObject(served)
    for (const name of Object.keys(served)) expect(headersOf('overload')).not.toHaveProperty(name)
  })

  it.each<[ErrorCode, number | undefined, string | undefined]>([
    ['overload', undefined, '1'],
    ['upstream/open-circuit', 30, '30'],
    ['upstream/timeout', 30, undefined],
  ])('tells of %s that may be tried again after %s seconds: %s', (code, retryAfter, expected) => {
    const { headers } = problem(new CountersignError(code, 'x', {}, { retryAfter }), 'r-1')
    expect(headers['retry-after']).toBe(expected)
  })

  it('challenges whoever is not recognised, and lets nobody store the answer', () => {
    const challenges = ['Bearer realm="a"', 'Basic realm="b"']
    const error = new CountersignError('auth/invalid', 'x', {}, { challenges })
    expect(problem(error, 'r-1').headers).toEqual({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'www-authenticate': 'Bearer realm="a", Basic realm="b"',
    })
    expect(problem(new TypeError('x'), 'r-1').headers).not.toHaveProperty('www-authenticate')
  })

  it('takes anything else for an internal error', () => {
    expect(problem(new TypeError('CANARY'), 'r-2')).toMatchObject({ status: 500 })
    expect(problem('CANARY', 'r-2').body).not.toContain('CANARY')
  })
})
