import { describe, expect, it } from 'vitest'
import { CountersignError, withPlace } from '../../src/errors.ts'
import { createLog } from '../../src/log.ts'
import type { ConfigurationEvent, ObservedEvent, RequestEvent } from '../../src/observe.ts'

const REQUEST: RequestEvent = {
  type: 'request',
  requestId: 'r-1',
  method: 'GET',
  path: '/orders/7',
  status: 200,
  durationMs: 1.23456,
  route: 'orders',
  policies: [
    {
      policy: 'hello',
      applied: true,
      trace: { alg: 'ES256', kid: 'k1', jti: 'j1', cache: 'hit' },
    },
  ],
}
const READING: ConfigurationEvent = {
  type: 'configuration',
  accepted: true,
  generation: 2,
  policies: 3,
  disabled: 1,
  findings: [],
}
const MISSING = new CountersignError('claim/missing', 'expected a value', {
  policy: 'hello',
  claim: 'sub',
  at: 'policies/hello.yaml:9:8',
})

describe('a request in the log', () => {
  it('is one line with these fields and no other', () => {
    const [line, ...rest] = written(REQUEST)
    expect(rest).toEqual([])
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'info',
      msg: 'forwarded',
      request_id: 'r-1',
      'http.request.method': 'GET',
      'url.path': '/orders/7',
      'http.response.status_code': 200,
      duration_ms: 1.235,
      route: 'orders',
      policy: 'hello',
      alg: 'ES256',
      kid: 'k1',
      jti: 'j1',
      cache: 'hit',
    })
  })

  it('names the encryption of a token that has one', () => {
    const trace = { alg: 'ES256', enc: 'A256GCM' }
    const [line] = written({ ...REQUEST, policies: [{ policy: 'hello', applied: true, trace }] })
    expect(line).toMatchObject(trace)
  })

  it('names several policies in their order', () => {
    const [first] = REQUEST.policies
    const second = { policy: 'other', applied: true, trace: { alg: 'RS256', cache: 'miss' } }
    const [line] = written({ ...REQUEST, policies: [first as never, second] })
    expect(line).toMatchObject({
      policy: ['hello', 'other'],
      alg: ['ES256', 'RS256'],
      kid: 'k1',
      cache: ['hit', 'miss'],
    })
  })

  it.each([
    {
      error: MISSING,
      level: 'warn',
      message: 'refused: policy hello: claim sub: expected a value',
    },
    {
      error: new CountersignError('upstream/timeout', 'expected an answer'),
      level: 'error',
      message: 'refused: expected an answer',
    },
  ])(
    'that was refused with $error.code is at $level and says where',
    ({ error, level, message }) => {
      const [line] = written({ ...REQUEST, policies: [], status: error.status, error })
      expect(line).toMatchObject({
        level,
        msg: message,
        'error.type': error.code,
        'http.response.status_code': error.status,
        ...error.place,
      })
    },
  )

  it('that was let pass without a credential has a warning of its own', () => {
    const policies = [{ policy: 'hello', applied: false, failure: MISSING }]
    expect(written({ ...REQUEST, policies })).toMatchObject([
      {
        level: 'warn',
        policy: 'hello',
        'error.type': 'claim/missing',
        claim: 'sub',
        request_id: 'r-1',
      },
      { level: 'info', msg: 'forwarded' },
    ])
  })

  it('names the cause of a fault by name and code, never by its text', () => {
    const cause = Object.assign(new TypeError('eyJhbGci.secret'), { code: 'ERR_INVALID' })
    const [line] = written({
      ...REQUEST,
      status: 500,
      error: withPlace(cause, { policy: 'hello' }),
    })
    expect(line).toMatchObject({ level: 'error', 'error.type': 'internal', policy: 'hello' })
    expect(line?.['error.cause']).toBe('TypeError ERR_INVALID')
    expect(JSON.stringify(line)).not.toContain('secret')
  })

  it.each([
    { path: 'http://user:secret@host/x', logged: undefined },
    { path: `/${'a'.repeat(9000)}`, logged: `/${'a'.repeat(2047)}` },
    { path: '/a\nb\u001b[31m', logged: '/a\nb\u001b[31m' },
  ])('shows of the target only a bounded path, on one line: $path.length', ({ path, logged }) => {
    const lines: string[] = []
    writing(lines)({ ...REQUEST, path })
    const [line = ''] = lines
    expect(JSON.parse(line)['url.path']).toBe(logged)
    expect(line.trimEnd()).not.toMatch(/\p{Cc}/u)
  })
})

describe('a reading of the files in the log', () => {
  it('has its number and how many policies are enabled and disabled', () => {
    expect(written(READING)).toMatchObject([
      { level: 'info', msg: 'configuration loaded', generation: 2, policies: 3, disabled: 1 },
    ])
  })

  it('that was refused says so after what is wrong', () => {
    const findings = ['error', 'warning', 'notice'].map((severity) => ({
      severity,
      text: `a.yaml:1:2: ${severity}[some/rule] text`,
    }))
    expect(written({ ...READING, accepted: false, findings })).toMatchObject([
      { level: 'error', msg: 'a.yaml:1:2: error[some/rule] text' },
      { level: 'warn', msg: 'a.yaml:1:2: warning[some/rule] text' },
      { level: 'info', msg: 'a.yaml:1:2: notice[some/rule] text' },
      { level: 'error', msg: expect.stringContaining('what served before goes on serving') },
    ])
  })
})

it('leaves out what is less severe than asked for', () => {
  const lines: string[] = []
  const log = writing(lines, 'warn')
  log(REQUEST)
  log({ ...REQUEST, status: 422, error: MISSING })
  expect(lines).toHaveLength(1)
})

describe('a JWK set that is fetched, in the log', () => {
  const url = 'https://idp.example.com/jwks'
  const cause = Object.assign(new Error('hidden'), { code: 'http-500' })
  const error = new CountersignError('key/unavailable', 'expected a set', {}, { cause })
  const failed = { type: 'keySet', url, error, usableFor: 90_500, failures: 2 } as const

  it('is a warning while the last good one serves, and an error without one', () => {
    const fields = {
      url,
      failures: 2,
      'error.type': 'key/unavailable',
      'error.cause': 'Error http-500',
    }
    expect(written(failed)).toMatchObject([{ level: 'warn', usable_for_s: 90, ...fields }])
    expect(written({ ...failed, usableFor: 0 })).toMatchObject([
      { level: 'error', usable_for_s: 0, ...fields },
    ])
  })

  it('is told of when it comes back after failures, and else not', () => {
    const { error: _, ...fetched } = failed
    expect(written(fetched)).toEqual([
      {
        time: expect.anything(),
        level: 'info',
        msg: 'the JWK set was fetched again',
        url,
        failures: 2,
        usable_for_s: 90,
      },
    ])
    expect(written({ ...fetched, failures: 0 })).toEqual([])
  })
})

/** A log that adds its lines to these. */
const writing = (lines: string[], level = 'info') =>
  createLog({ level, stream: { write: (text) => void lines.push(text) }, monotonic: () => 0 })

function written(event: ObservedEvent): Record<string, unknown>[] {
  const lines: string[] = []
  writing(lines)(event)
  return lines.map((line) => JSON.parse(line))
}
