import { describe, expect, it } from 'vitest'
import { type Changes, examiner } from './authenticator-under-test.ts'
import { CONFIGS, claims, jws, NOW } from './inbound-token.ts'

/** The reason for which the claims are refused, `none` when they are accepted. */
async function reasonFor(config: Changes, changes: Changes): Promise<unknown> {
  const { examine } = await examiner({ ...CONFIGS.hs, ...config })
  const finding = await examine(jws({ alg: 'HS256' }, claims(changes)))
  if (finding && 'caller' in finding) return 'none'
  return finding?.refused.reason
}

describe('clockTolerance', () => {
  it.each([
    [{ exp: NOW - 9 }, 'none'],
    [{ exp: NOW - 10 }, 'expired'],
    [{ nbf: NOW + 10 }, 'none'],
    [{ nbf: NOW + 11 }, 'not-yet-valid'],
    [{ iat: NOW + 10 }, 'none'],
    [{ iat: NOW + 11 }, 'not-yet-valid'],
    [{ iat: NOW - 86_410 }, 'none'],
    [{ iat: NOW - 86_411 }, 'too-old'],
  ])('T103 allows for 10 seconds both ways: %j', async (changes, reason) => {
    expect(await reasonFor({ clockTolerance: 10 }, changes)).toBe(reason)
  })

  it.each([61, -1, '10', Number.NaN])(
    'T103 is at most 60 seconds, not %j',
    async (clockTolerance) => {
      await expect(examiner({ ...CONFIGS.hs, clockTolerance })).rejects.toThrow()
    },
  )
})

describe('maxAge', () => {
  it.each([
    [{ maxAge: 60 }, { iat: NOW - 60 }, 'none'],
    [{ maxAge: 60 }, { iat: NOW - 61 }, 'too-old'],
    [{ maxAge: 60 }, { iat: undefined }, 'missing-field'],
    [{ maxAge: 0 }, { iat: 1 }, 'none'],
    [{ maxAge: 0 }, { iat: undefined }, 'none'],
    [{}, { iat: undefined }, 'none'],
    [{}, { iat: NOW - 86_401 }, 'too-old'],
  ])(
    'counts from iat, which a token must have when it is written: %j %j',
    async (config, changes, reason) => {
      expect(await reasonFor(config, changes)).toBe(reason)
    },
  )
})

describe('issuer and audience', () => {
  it.each([
    [{ issuer: ['a', 'b'] }, { iss: 'b' }, 'none'],
    [{ issuer: ['a', 'b'] }, { iss: 'c' }, 'issuer'],
    [{ issuer: undefined }, { iss: 'c' }, 'none'],
    [{ issuer: undefined }, { iss: undefined }, 'none'],
    [{ issuer: undefined }, { iss: 7 }, 'claim-type'],
    [{ audience: ['a', 'b'] }, { aud: 'b' }, 'none'],
    [{ audience: ['a', 'b'] }, { aud: ['c', 'a'] }, 'none'],
    [{ audience: ['a', 'b'] }, { aud: ['c'] }, 'audience'],
    [{ audience: undefined }, { aud: ['c'] }, 'none'],
    [{ audience: undefined }, { aud: undefined }, 'none'],
    [{ audience: undefined }, { aud: 7 }, 'claim-type'],
  ])('are compared as exact text when written: %j %j', async (config, changes, reason) => {
    expect(await reasonFor(config, changes)).toBe(reason)
  })

  it('leaves a token of another issuer to another authenticator, whatever its algorithm', async () => {
    const { examine } = await examiner(CONFIGS.hs)
    expect(await examine(jws({ alg: 'RS256' }, claims({ iss: 'other' })))).toEqual({
      refused: { reason: 'issuer', foreign: true },
    })
  })

  it('has no foreign tokens when no issuer is written', async () => {
    const { examine } = await examiner({ ...CONFIGS.hs, issuer: undefined })
    expect(await examine(jws({ alg: 'RS256' }, claims({ iss: 'other' })))).toEqual({
      refused: { reason: 'algorithm' },
    })
  })

  it('reads the clock at each token', async () => {
    const { examine, environment } = await examiner(CONFIGS.hs)
    const token = jws({ alg: 'HS256' }, claims())
    expect(await examine(token)).toHaveProperty('caller')
    environment.advance(299_999)
    expect(await examine(token)).toHaveProperty('caller')
    environment.advance(1)
    expect(await examine(token)).toEqual({ refused: { reason: 'expired' } })
  })
})
