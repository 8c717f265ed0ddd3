import { describe, expect, it } from 'vitest'
import {
  compileMembers,
  type MemberRules,
  ONE_TIME_CLAIMS,
  registeredMismatch,
} from '../../../src/claims/index.ts'
import type { RequestContext } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileList, type Written } from './compile.ts'

const named = (x: unknown): RequestContext => requestContext({}, { payload: { x } })

function compile(written: readonly Written[], rules: Partial<MemberRules> = {}) {
  const { scope, faults } = recordingScope({ environment: fixedEnvironment() })
  const configs = written.map((entry, index) => ({
    ...entry,
    nameScope: scope.at(index, 'name'),
    valueScope: scope.at(index, 'value'),
  }))
  const mismatch = registeredMismatch
  return { list: compileMembers(configs, { reserved: new Map(), mismatch, ...rules }), faults }
}

describe('members that stand before those of a list', () => {
  const base = { iss: 'base', typ: 'JWT' }

  it('stay beside them, and give way to an entry of literal name', async () => {
    const { list, faults } = compile([{ name: 'typ', value: 'x' }], { base })
    expect(faults).toEqual([])
    expect(await list.evaluate(named(1))).toEqual({ iss: 'base', typ: 'x' })
  })

  it.each([
    ['typ', 'claim/duplicate'],
    ['cty', 'none'],
    ['toString', 'none'],
  ])('do not give way to a computed name: %s', async (name, code) => {
    const { list } = compile([{ name: '#[payload.x]', value: 1 }], { base })
    expect(await errorCode(() => list.evaluate(named(name)))).toBe(code)
  })
})

describe('a name that only an entry of literal name may set', () => {
  const rules = { literal: new Set(['kid']) }

  it('is set by one', async () => {
    const { list, faults } = compile([{ name: 'kid', value: '#[payload.x]' }], rules)
    expect(faults).toEqual([])
    expect(await list.evaluate(named('k'))).toEqual({ kid: 'k' })
  })

  it.each([
    ['kid', 'claim/duplicate'],
    ['other', 'none'],
  ])('is refused to what a request computes: %s', async (name, code) => {
    const { list } = compile([{ name: '#[payload.x]', value: 1 }], rules)
    expect(await errorCode(() => list.evaluate(named(name)))).toBe(code)
  })
})

describe('a name that begins with a slash', () => {
  it('is a plain name unless the list takes pointers', async () => {
    const { list, faults } = compile([{ name: '/a/b', value: 1 }])
    expect(faults).toEqual([])
    expect(await list.evaluate(named(1))).toEqual({ '/a/b': 1 })
  })
})

describe('a list of which one entry is constant', () => {
  it('is computed for each request', async () => {
    const { claims } = compileList([
      { name: 'a', value: 1 },
      { name: 'b', value: '#[payload.x]' },
    ])
    expect(claims.constant).toBe(false)
    expect(await claims.evaluate(named('one'))).toEqual({ a: 1, b: 'one' })
    expect(await claims.evaluate(named('other'))).toEqual({ a: 1, b: 'other' })
  })

  it('is computed for each request that gives a name of it', async () => {
    const { claims } = compileList([{ name: '#[payload.x]', value: 1 }])
    expect(claims.constant).toBe(false)
    expect([...claims.names]).toEqual([])
    expect(await claims.evaluate(named('one'))).toEqual({ one: 1 })
    expect(await claims.evaluate(named('other'))).toEqual({ other: 1 })
  })
})

describe('what can be told of a list without a request', () => {
  it('are the names of its top level, and where no two requests may share it', () => {
    const { claims } = compileList([
      { name: '/org/id', value: 1 },
      { name: 'sub', value: 'ann' },
      { name: 'nonce', value: '#[$uuid() & payload.x]' },
    ])
    expect([...claims.names]).toEqual(['org', 'sub', 'nonce'])
    expect(claims.unshared.map((scope) => scope.locate([]))).toEqual(['policy.yaml:2:value'])
  })

  it('are the claims that tie a token to one request', () => {
    expect([...ONE_TIME_CLAIMS]).toEqual(['nonce', 'htm', 'htu', 'ath'])
  })
})

describe('what an expression that takes time throws', () => {
  it('is placed as well', async () => {
    const { claims } = compileList([{ name: 'a', value: '#[$number(payload.x)]' }])
    await expect(Promise.resolve(claims.evaluate(named('no number')))).rejects.toMatchObject({
      code: 'expr/failed',
      place: { claim: 'a', at: 'policy.yaml:0:value' },
    })
  })
})
