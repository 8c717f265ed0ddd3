import { describe, expect, it } from 'vitest'
import { readsNoRequest } from '../../../src/claims/computed.ts'
import { compileTimeClaims } from '../../../src/claims/index.ts'
import type { ContextMember, Json, RequestContext } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { compileList } from './compile.ts'

const own = { account: { id: 'erp-1' }, key: { kid: 'k' } } as unknown as Pick<
  RequestContext,
  'account' | 'key'
>

async function proved(value: Json): Promise<unknown> {
  const { claims, faults } = compileList([{ name: 'sub', value }])
  expect(faults).toEqual([])
  await claims.prove(own)
  return faults
}

describe('a claim that is tried before there is a request', () => {
  it.each<[Json, string, string]>([
    ['#[account.none]', 'claim/missing', 'expected a value for "sub"'],
    [
      '#[$number(key.kid & account.id)]',
      'expr/failed',
      'expected the expression to succeed (D3030)',
    ],
    ['#[$number("x")]', 'expr/failed', 'expected the expression to succeed (D3030)'],
    ['#[[account.id, key.kid]]', 'claim/type', 'expected "sub" to be a string'],
  ])('is a fault at its place when %s fails', async (value, rule, message) => {
    expect(await proved(value)).toEqual([{ severity: 'error', rule, path: [0, 'value'], message }])
  })

  it.each<Json>([
    '#[account.id]',
    '#[key.kid & account.id]',
    '#[payload.x]',
    '#[account.none & payload.x ~> $number()]',
    '#[vars.none]',
    '#[$number($uuid())]',
  ])('is none when %s works, or a request decides it', async (value) => {
    expect(await proved(value)).toEqual([])
  })

  it('may be a time', async () => {
    const { scope, faults } = recordingScope({ environment: fixedEnvironment() })
    await compileTimeClaims({ exp: '#[account.id]' }, scope).prove(own)
    expect(faults).toMatchObject([{ rule: 'claim/type', path: ['exp'] }])
  })
})

describe('what is read of no request', () => {
  it.each<[ContextMember[], boolean]>([
    [[], true],
    [['vars'], true],
    [['account'], true],
    [['key'], true],
    [['vars', 'account', 'key'], true],
    [['vars', 'payload'], false],
    [['attributes'], false],
    [['tokens'], false],
  ])('%j: %s', (reads, expected) => {
    expect(readsNoRequest(new Set(reads))).toBe(expected)
  })
})
