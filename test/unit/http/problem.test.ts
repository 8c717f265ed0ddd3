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

  it('takes anything else for an internal error', () => {
    expect(problem(new TypeError('CANARY'), 'r-2')).toMatchObject({ status: 500 })
    expect(problem('CANARY', 'r-2').body).not.toContain('CANARY')
  })
})
