import { describe, expect, it } from 'vitest'
import { compileTimeClaims, type TimeConfig } from '../../../src/claims/index.ts'
import type { Json } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'

const NOW = 1_767_225_600

function compile(config: TimeConfig) {
  const { scope, faults } = recordingScope({ environment: fixedEnvironment() })
  return { times: compileTimeClaims(config, scope), faults }
}

async function timesOf(config: TimeConfig, payload: unknown = {}) {
  const { times, faults } = compile(config)
  expect(faults).toEqual([])
  return times.at(NOW, await times.resolve(requestContext({}, { payload })))
}

describe('time claims', () => {
  it.each<[TimeConfig, object]>([
    [{ exp: 300 }, { iat: NOW, exp: NOW + 300 }],
    [
      { iat: true, exp: 300 },
      { iat: NOW, exp: NOW + 300 },
    ],
    [{ iat: false, exp: 300 }, { exp: NOW + 300 }],
    [
      { iat: { offset: -60 }, exp: 300 },
      { iat: NOW - 60, exp: NOW + 240 },
    ],
    [
      { iat: { offset: -60 }, exp: { after: 300 } },
      { iat: NOW - 60, exp: NOW + 240 },
    ],
    [
      { iat: { offset: -60 }, exp: { after: 300, from: 'iat' } },
      { iat: NOW - 60, exp: NOW + 240 },
    ],
    [
      { iat: { offset: -60 }, exp: { after: 30, from: 'now' } },
      { iat: NOW - 60, exp: NOW + 30 },
    ],
    [{ exp: 0 }, { iat: NOW }],
    [{ iat: false, exp: 0 }, {}],
    [
      { exp: 300, nbf: 0 },
      { iat: NOW, exp: NOW + 300 },
    ],
    [
      { exp: 300, nbf: 5 },
      { iat: NOW, nbf: NOW + 5, exp: NOW + 300 },
    ],
    [
      { exp: 300, nbf: { offset: -2 } },
      { iat: NOW, nbf: NOW - 2, exp: NOW + 300 },
    ],
    [
      { exp: 300, nbf: { offset: 0 } },
      { iat: NOW, nbf: NOW, exp: NOW + 300 },
    ],
    [
      { iat: { offset: -9 }, exp: 30, nbf: 5 },
      { iat: NOW - 9, nbf: NOW - 4, exp: NOW + 21 },
    ],
    [
      { iat: '#[payload.t]', exp: 300, nbf: 5 },
      { iat: 1000, nbf: 1005, exp: 1300 },
    ],
    [
      { iat: '#[payload.t]', exp: { after: 9, from: 'now' } },
      { iat: 1000, exp: NOW + 9 },
    ],
    [
      { exp: '#[payload.t]', nbf: '#[payload.s]' },
      { iat: NOW, nbf: 900, exp: 1000 },
    ],
  ])('of %j are %j', async (config, expected) => {
    expect(await timesOf(config, { t: 1000, s: '900' })).toEqual(expected)
  })

  it.each<[Json, string]>([
    [undefined as unknown as Json, 'claim/missing'],
    [null, 'claim/type'],
    ['soon', 'claim/type'],
    [1000.5, 'claim/type'],
    [-1, 'claim/type'],
    [[1000], 'claim/type'],
    ['2026-01-01', 'claim/type'],
    [NOW * 1000, 'claim/type'],
  ])('refuse a computed %j with %s', async (t, code) => {
    expect(await errorCode(() => timesOf({ exp: '#[payload.t]' }, { t }))).toBe(code)
  })

  it('say which claim, where, and that milliseconds are not seconds', async () => {
    const run = timesOf({ iat: '#[payload.t]', exp: 300 }, { t: NOW * 1000 })
    await expect(run).rejects.toMatchObject({ place: { claim: 'iat', at: 'policy.yaml:iat' } })
    await expect(run).rejects.toThrow(/divide by 1000/)
  })

  it.each<[TimeConfig, string, string]>([
    [{ iat: { offset: -300 }, exp: 300 }, 'claim/time', 'exp'],
    [{ exp: 300, nbf: 300 }, 'claim/time', 'exp'],
    [{ iat: { offset: 60 }, exp: { after: 30, from: 'now' }, nbf: 5 }, 'claim/time', 'exp'],
    [{ exp: '#[1] #[2]' }, 'expr/single', 'exp'],
    [{ iat: '#[(]', exp: 1 }, 'expr/syntax', 'iat'],
  ])('of %j are reported as %s at %s', (config, rule, place) => {
    expect(compile(config).faults).toMatchObject([{ rule, path: [place] }])
  })

  it('are volatile when an expression reads the clock', () => {
    expect(compile({ exp: '#[$nowSeconds() + 60]' }).times).toMatchObject({
      volatile: true,
      constant: false,
    })
    expect(compile({ exp: 60 }).times).toMatchObject({ volatile: false, constant: true })
  })
})
