import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/types.ts'
import { errorCode } from '../../support/error-code.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileList, type Written } from './compile.ts'

async function claimsOf(written: readonly Written[], payload: unknown = {}, reserved?: string[]) {
  const { claims, faults } = compileList(written, reserved)
  expect(faults).toEqual([])
  return await claims.evaluate(requestContext({}, { payload }))
}

const faultsOf = (written: readonly Written[], reserved?: string[]) =>
  compileList(written, reserved).faults.map(({ rule, path }) => `${rule} ${path.join('.')}`)

describe('a claim whose name is a JSON pointer', () => {
  it('stands where the pointer leads, beside other claims', async () => {
    const list: Written[] = [
      { name: '/org/id', value: '#[payload.id]', type: 'integer' },
      { name: 'sub', value: 'ann' },
      { name: '/org/address/city', value: 'Bern' },
      { name: '/https:~1~1x.example~1roles', value: ['admin'] },
    ]
    expect(await claimsOf(list, { id: '7' })).toEqual({
      org: { id: 7, address: { city: 'Bern' } },
      sub: 'ann',
      'https://x.example/roles': ['admin'],
    })
  })

  it('may have a computed part', async () => {
    const list: Written[] = [{ name: '/roles/#[payload.app]', value: true }]
    expect(await claimsOf(list, { app: 'crm' })).toEqual({ roles: { crm: true } })
  })

  it.each([
    ['a/b', 'a/b'],
    ['~1', '~1'],
    ['x~y/', 'x~y/'],
  ])('takes %s, which an expression gives, for one name', async (app, name) => {
    const list: Written[] = [
      { name: '/roles/#[payload.app]', value: 1 },
      { name: '/general/#[$string(payload.app)]', value: 2 },
      { name: '/a~1b/x#[payload.app]', value: 3 },
      { name: "/fixed/#['a/~0']", value: 4 },
    ]
    expect(await claimsOf(list, { app })).toEqual({
      roles: { [name]: 1 },
      general: { [name]: 2 },
      'a/b': { [`x${name}`]: 3 },
      fixed: { 'a/~0': 4 },
    })
  })

  it('is one only when it is written with a slash in front', async () => {
    const list: Written[] = [
      { name: '#[payload.name]', value: 1 },
      { name: "#['/b/c']", value: 2 },
      { name: 'https://x.example/roles', value: 3 },
    ]
    expect(await claimsOf(list, { name: '/a/b' })).toEqual({
      '/a/b': 1,
      '/b/c': 2,
      'https://x.example/roles': 3,
    })
  })

  it('leaves nothing behind when it is left out', async () => {
    const list: Written[] = [{ name: '/org/id', value: '#[payload.id]', onMissing: 'omit' }]
    expect(await claimsOf(list)).toEqual({})
  })

  it('may hold null', async () => {
    const list: Written[] = [{ name: '/org/id', value: '#[payload.id]', onMissing: 'null' }]
    expect(await claimsOf(list)).toEqual({ org: { id: null } })
  })

  it.each<[string[], string[], string]>([
    [['/org', 'org'], [], 'claim/duplicate 1.name'],
    [['org', '/org/id'], [], 'claim/duplicate 1.name'],
    [['/org/id', 'org'], [], 'claim/duplicate 1.name'],
    [['/org/id', '/org/id'], [], 'claim/duplicate 1.name'],
    [['/org/id', '/org/id/x'], [], 'claim/duplicate 1.name'],
    [['/tenant'], ['tenant'], 'claim/duplicate 0.name'],
    [['/tenant/x'], ['tenant'], 'claim/duplicate 0.name'],
    [['/'], [], 'claim/name 0.name'],
    [['/org/'], [], 'claim/name 0.name'],
    [['/org~2'], [], 'claim/name 0.name'],
  ])('%j beside %j is reported as %s', (names, reserved, fault) => {
    expect(
      faultsOf(
        names.map((name) => ({ name, value: 'x' })),
        reserved,
      ),
    ).toContain(fault)
  })

  it.each<[Written, string]>([
    [{ name: '/sub', value: 7 }, 'claim/type 0.value'],
    [{ name: '/sub/id', value: 'x' }, 'claim/type 0.value'],
    [{ name: '/exp/at', value: 1 }, 'claim/type 0.value'],
    [{ name: '/aud/0', value: 'x' }, 'claim/type 0.value'],
    [{ name: '/sub', value: '#[payload.x]', onMissing: 'null' }, 'claim/type 0.name'],
  ])('obeys the rules of registered claims: %j is %s', (written, fault) => {
    expect(faultsOf([written])).toContain(fault)
  })

  it.each([
    ['a claim that is written', '/#[payload.x]', 'org', 'claim/duplicate'],
    ['one below a claim that is written', '/#[payload.x]/y', 'org', 'claim/duplicate'],
    ['one that something else sets', '/#[payload.x]', 'iat', 'claim/duplicate'],
    ['a member of a registered claim', '/#[payload.x]/y', 'sub', 'claim/type'],
    ['an empty name', '/a/#[payload.x]/y', '', 'claim/type'],
  ])('refuses a request whose text makes it %s', async (_what, name, text, code) => {
    const list: Written[] = [
      { name: 'org', value: { id: 1 } },
      { name, value: 1 },
    ]
    expect(await errorCode(() => claimsOf(list, { x: text }, ['iat']))).toBe(code)
  })

  it('cannot reach the prototype of anything', async () => {
    const list: Written[] = [{ name: '/#[payload.x]/polluted', value: true }]
    const claims = await claimsOf(list, { x: '__proto__' })
    expect(JSON.stringify(claims)).toBe('{"__proto__":{"polluted":true}}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('an object or array that mixes literals and expressions', () => {
  const deep: Json = {
    literal: { list: [1, 'two', [true, null]] },
    user: { id: '#[payload.id]', tags: ['fixed', '#[payload.tag]', { at: '#[payload.at]' }] },
    text: 'user-#[payload.id]',
    slow: [['#[$uppercase($pad(payload.tag, 1))]']],
  }
  const request = { id: 7, tag: 'a', at: { x: [1, 2] } }

  it('keeps its shape at any depth', async () => {
    const list: Written[] = [{ name: 'c', value: deep, type: 'object' }]
    expect(await claimsOf(list, request)).toEqual({
      c: {
        literal: { list: [1, 'two', [true, null]] },
        user: { id: 7, tags: ['fixed', 'a', { at: { x: [1, 2] } }] },
        text: 'user-7',
        slow: [['A']],
      },
    })
  })

  it.each(['id', 'tag', 'at'])('is missing as a whole when %s is', async (name) => {
    const without = { ...request, [name]: undefined }
    expect(await errorCode(() => claimsOf([{ name: 'c', value: deep }], without))).toBe(
      'claim/missing',
    )
    const omitted: Written[] = [{ name: 'c', value: deep, onMissing: 'omit' }]
    expect(await claimsOf(omitted, without)).toEqual({})
  })

  it.each<[Written['type'], Json, unknown, Json]>([
    ['array', { a: '#[payload.x]' }, { x: 1 }, [{ a: 1 }]],
    ['array', ['#[payload.x]'], { x: 1 }, [1]],
    ['object', { a: ['#[payload.x]'] }, { x: [1] }, { a: [[1]] }],
    ['string', '#[payload.x]', { x: 1.5 }, '1.5'],
    ['number', '#[payload.x]', { x: '1.5' }, 1.5],
    ['integer', '#[payload.x]', { x: '15' }, 15],
    ['boolean', '#[payload.x]', { x: 'false' }, false],
  ])('declared %s: %j of %j is %j', async (type, value, payload, claim) => {
    expect(await claimsOf([{ name: '/a/b', value, type }], payload)).toEqual({ a: { b: claim } })
  })
})

describe('a list of claims without what is volatile', () => {
  const list: Written[] = [
    { name: '/a/sub', value: '#[payload.x]' },
    { name: '/a/id', value: '#[$uuid()]' },
    { name: 'n', value: '#[$nonce()]' },
  ]

  it('has the other claims', async () => {
    const { claims } = compileList(list)
    const context = requestContext({}, { payload: { x: 1 } })
    expect(await claims.settled(context)).toEqual({ a: { sub: 1 } })
    expect(Object.keys(await claims.evaluate(context))).toEqual(['a', 'n'])
  })

  it('is the whole list when nothing is', () => {
    const { claims } = compileList([{ name: 'c', value: '#[payload.x]' }])
    expect(claims.settled).toBe(claims.evaluate)
  })

  it.each<[Json, number]>([
    ['#[$uuid()]', 0],
    ['#[$uuid() & vars.region]', 0],
    ['#[payload.x]', 0],
    ['#[$uuid() & payload.x]', 1],
    [['#[$uuid()]', { a: '#[payload.x]' }], 1],
  ])('tells where %j is neither to be left out nor to be kept', (value, count) => {
    expect(compileList([{ name: 'c', value }]).claims.unshared).toHaveLength(count)
    const inName = [{ name: 'c-#[payload.x]', value: '#[$uuid()]' }]
    expect(compileList(inName).claims.unshared).toHaveLength(1)
  })
})
