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
  return times.at(NOW, await times.evaluate(requestContext({}, { payload })))
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

  it.each<[TimeConfig, object]>([
    [{ exp: 3600 }, { iat: 0, exp: 3600 }],
    [
      { exp: { after: 3600, from: 'now' }, nbf: 5 },
      { iat: 0, nbf: 5, exp: 3600 },
    ],
    [
      { iat: { offset: -60 }, exp: 3600, nbf: { offset: -5 } },
      { iat: -60, nbf: -65, exp: 3540 },
    ],
    [
      { iat: { offset: -60 }, exp: { after: 3600, from: 'now' } },
      { iat: -60, exp: 3600 },
    ],
    [{ exp: 0 }, { iat: 0 }],
  ])('of %j with minReuse count from the begin of the window', (config, offsets) => {
    const { times, faults } = compile({ ...config, minReuse: 1200 })
    expect(faults).toEqual([])
    const begin = Math.floor(NOW / 1200) * 1200
    const from = (start: number) =>
      Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, start + offset]))
    for (const now of [begin, begin + 1, begin + 1199]) {
      expect(times.at(now, {})).toEqual(from(begin))
      expect(times.reuseUntil(now)).toBe(begin + 1200)
    }
    expect(times.at(begin - 1, {})).toEqual(from(begin - 1200))
    expect(times.at(begin + 1200, {})).toEqual(from(begin + 1200))
  })

  it('without minReuse may be replaced at any time', () => {
    expect(compile({ exp: 300 }).times.reuseUntil(NOW)).toBeUndefined()
    expect(compile({ exp: 300, minReuse: 0 }).times.reuseUntil(NOW)).toBeUndefined()
  })

  it.each<TimeConfig>([
    { iat: false, exp: 3600 },
    { iat: '#[payload.t]', exp: 3600 },
  ])('of %j cannot be with a minReuse of 1200', (config) => {
    expect(compile({ ...config, minReuse: 1200 }).faults).toMatchObject([
      { rule: 'claim/time', path: ['minReuse'] },
    ])
  })

  it('are left out where they must be settled, when they are volatile', async () => {
    const { times } = compile({ exp: '#[$nowSeconds() + 60]', nbf: '#[payload.t]' })
    const context = requestContext({}, { payload: { t: 7 } })
    expect(await times.settled(context)).toEqual({ nbf: 7 })
    expect(await times.evaluate(context)).toEqual({ nbf: 7, exp: NOW + 60 })
    expect(compile({ exp: '#[$nowSeconds() + payload.t]' }).times.unshared).toHaveLength(1)
    expect(times.unshared).toEqual([])
  })

  it('are volatile when an expression reads the clock', () => {
    expect(compile({ exp: '#[$nowSeconds() + 60]' }).times).toMatchObject({
      volatile: true,
      constant: true,
    })
    expect(compile({ exp: '#[payload.t]' }).times).toMatchObject({
      volatile: false,
      constant: false,
    })
    expect(compile({ exp: 60 }).times).toMatchObject({ volatile: false, constant: true })
  })
})
