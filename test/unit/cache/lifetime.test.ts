import { describe, expect, it } from 'vitest'
import { lifetimeOf, type TokenTimes } from '../../../src/cache/lifetime.ts'

/** Seconds before and after the token was made, so that the tables can be read. */
const MADE_AT = 1_767_225_600_000
const at = (seconds: number) => MADE_AT + seconds * 1000

interface Seconds {
  readonly expiresAt?: number
  readonly renewableAt?: number
  readonly ttl?: number
  readonly refreshAhead?: number
  readonly jitter?: number
}

function lifetime({ expiresAt, renewableAt, ttl, refreshAhead, jitter = 1 }: Seconds) {
  const times: TokenTimes = {
    ...(expiresAt !== undefined && { expiresAt: at(expiresAt) }),
    ...(renewableAt !== undefined && { renewableAt: at(renewableAt) }),
  }
  const { usableUntil, freshUntil, renewAt } = lifetimeOf(
    times,
    MADE_AT,
    { ttl, refreshAhead },
    jitter,
  )
  return [usableUntil, freshUntil, renewAt].map((time) => (time - MADE_AT) / 1000)
}

describe('the lifetime of a token', () => {
  it.each([
    ['a tenth of a short life', { expiresAt: 2 }, 1.8],
    ['a tenth of a longer life', { expiresAt: 40 }, 36],
    ['five seconds of a life of a minute', { expiresAt: 60 }, 55],
    ['five seconds of a life of a day', { expiresAt: 86_400 }, 86_395],
    ['nothing when it has expired already', { expiresAt: -3 }, -3],
    ['nothing when it expires at once', { expiresAt: 0 }, 0],
    ['nothing of a ttl, without an expiry', { ttl: 60 }, 60],
    ['nothing of a window, without an expiry', { renewableAt: 60 }, 60],
    ['what its expiry says, with a shorter ttl', { expiresAt: 300, ttl: 60 }, 295],
    ['what its expiry says, with a longer ttl', { expiresAt: 300, ttl: 600 }, 295],
    ['nothing of a window longer than the ttl', { ttl: 60, renewableAt: 90 }, 90],
    ['nothing of a ttl longer than the window', { ttl: 200, renewableAt: 90 }, 200],
  ])('leaves %s unused', (_, seconds, usable) => {
    expect(lifetime(seconds)[0]).toBe(usable)
  })

  it.each([
    ['to its last use without a ttl', { expiresAt: 300 }, 295],
    ['for its ttl', { expiresAt: 300, ttl: 60 }, 60],
    ['to its last use when the ttl is longer', { expiresAt: 300, ttl: 600 }, 295],
    ['for its ttl without an expiry', { ttl: 60 }, 60],
    ['until another may be made', { expiresAt: 300, ttl: 60, renewableAt: 120 }, 120],
    ['for its window, whatever the ttl', { expiresAt: 300, ttl: 200, renewableAt: 120 }, 120],
    ['for its window without an expiry, too', { ttl: 200, renewableAt: 120 }, 120],
    [
      'to its last use when the window is longer',
      { expiresAt: 300, ttl: 60, renewableAt: 900 },
      295,
    ],
    ['for its window, although it lives on', { expiresAt: 300, renewableAt: 120 }, 120],
    ['for its window with nothing else', { renewableAt: 120 }, 120],
  ])('is fresh %s', (_, seconds, fresh) => {
    expect(lifetime(seconds)[1]).toBe(fresh)
  })

  it.each([
    ['a fifth of its time before the end', { ttl: 100 }, 80],
    ['at most a minute before the end', { ttl: 3600 }, 3540],
    ['as long before the end as written', { ttl: 100, refreshAhead: 30 }, 70],
    ['before the end of the ttl, not of the token', { expiresAt: 900, ttl: 100 }, 80],
    ['earlier by the jitter', { ttl: 100, jitter: 1.25 }, 75],
    ['earlier than written by the jitter', { ttl: 100, refreshAhead: 30, jitter: 1.25 }, 62.5],
    ['not in the first half of its time', { ttl: 100, refreshAhead: 90 }, 50],
    ['not in the first half for the jitter', { ttl: 100, refreshAhead: 45, jitter: 1.25 }, 50],
    ['not before another may be made', { ttl: 100, renewableAt: 95 }, 95],
    ['when another may be made, with nothing else', { renewableAt: 100 }, 100],
    ['never when nothing shall be renewed ahead', { ttl: 100, refreshAhead: 0 }, Infinity],
  ])('is renewed %s', (_, seconds, renewed) => {
    expect(lifetime(seconds)[2]).toBe(renewed)
  })

  it('has to have an end', () => {
    expect(() => lifetime({ refreshAhead: 5 })).toThrow(TypeError)
  })
})
