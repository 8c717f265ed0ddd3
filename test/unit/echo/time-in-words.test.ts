import { describe, expect, it } from 'vitest'
import { timesInWords } from '../../../src/echo/time-in-words.ts'

const NOW = Date.UTC(2026, 0, 1)
const SECONDS = NOW / 1000

describe('the times of a token', () => {
  it.each([
    [0, 'now'],
    [-1, '1 second ago'],
    [45, 'in 45 seconds'],
    [299, 'in 5 minutes'],
    [300, 'in 5 minutes'],
    [-300, '5 minutes ago'],
    [3600, 'in 60 minutes'],
    [7200, 'in 2 hours'],
    [86_400 * 30, 'in 30 days'],
  ])('that is %d seconds away reads "%s"', (away, words) => {
    expect(timesInWords({ exp: SECONDS + away }, NOW).exp?.split(', ')[1]).toBe(words)
  })

  it('are dates first, for the claims that are times', () => {
    expect(timesInWords({ sub: 'ann', iat: SECONDS, nbf: SECONDS, exp: SECONDS }, NOW)).toEqual({
      iat: '2026-01-01T00:00:00Z, now',
      nbf: '2026-01-01T00:00:00Z, now',
      exp: '2026-01-01T00:00:00Z, now',
    })
  })

  it.each(['tomorrow', 1e300, null])('leave out %j, which is no time', (exp) => {
    expect(timesInWords({ exp }, NOW)).toEqual({})
  })
})
