import { describe, expect, it } from 'vitest'
import { compileMembers, registeredMismatch } from '../../../src/claims/index.ts'
import type { Path, Scope } from '../../../src/kind.ts'
import type { Json, RequestContext } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileList, type Written } from './compile.ts'

async function claimsOf(
  written: readonly Written[],
  context = requestContext(),
  reserved?: string[],
) {
  const { claims, faults } = compileList(written, reserved)
  expect(faults).toEqual([])
  return await claims.evaluate(context)
}

const payload = (value: unknown): RequestContext => requestContext({}, { payload: value })
const user = requestContext({ headers: { 'x-user': 'ann', 'x-claim': 'sub' } })

describe('a claim', () => {
  it.each<[string, Json, unknown, Json]>([
    ['text', 'plain', {}, 'plain'],
    ['a number', 7, {}, 7],
    ['null', null, {}, null],
    ['an object of texts and expressions', { a: ['#[payload.x]', 1] }, { x: 2 }, { a: [2, 1] }],
    ['digit text of the request', '#[payload.x]', { x: '007' }, '007'],
    ['an array of one', '#[payload.x]', { x: ['a'] }, ['a']],
    ['text around an expression', 'user-#[payload.x]', { x: 'ann' }, 'user-ann'],
    ['an expression that is a constant', ["#['a']", '#[1 + 1]'], {}, ['a', 2]],
  ])('keeps the JSON type of %s', async (_what, value, request, claim) => {
    expect(await claimsOf([{ name: 'c', value }], payload(request))).toEqual({ c: claim })
  })

  it.each<[Written['type'], unknown, Json]>([
    ['string', 7, '7'],
    ['integer', '7', 7],
    ['boolean', 'true', true],
    ['array', 'admin', ['admin']],
    ['array', ['admin'], ['admin']],
  ])('declared %s takes %j as %j', async (type, given, claim) => {
    const list: Written[] = [{ name: 'c', value: '#[payload.x]', type }]
    expect(await claimsOf(list, payload({ x: given }))).toEqual({ c: claim })
  })

  it('stays an array where one item is selected of several', async () => {
    const list: Written[] = [{ name: 'roles', value: '#[payload.r.name]', type: 'array' }]
    const request = payload({ r: [{ name: 'admin' }] })
    expect(await claimsOf(list, request)).toEqual({ roles: ['admin'] })
  })

  it.each<[Written, unknown, string]>([
    [{ name: 'c', value: '#[payload.x]' }, {}, 'claim/missing'],
    [{ name: 'c', value: ['#[payload.x]'] }, {}, 'claim/missing'],
    [{ name: 'c', value: 'a #[payload.x]' }, {}, 'claim/missing'],
    [{ name: 'c', value: '#[payload.x]', onMissing: 'error' }, {}, 'claim/missing'],
    [{ name: 'c', value: '#[payload.x]', type: 'integer' }, { x: 1.5 }, 'claim/type'],
    [{ name: 'c', value: '#[payload.x]', type: 'string' }, { x: null }, 'claim/type'],
    [{ name: '#[payload.x]', value: 1 }, {}, 'claim/missing'],
    [{ name: '#[payload.x]', value: 1 }, { x: 7 }, 'claim/type'],
    [{ name: '#[payload.x]', value: 1 }, { x: '' }, 'claim/type'],
  ])('as %j of the payload %j is refused with %s', async (written, request, code) => {
    expect(await errorCode(() => claimsOf([written], payload(request)))).toBe(code)
  })

  it('says which claim at which place was refused', async () => {
    const list: Written[] = [
      { name: 'a', value: 1 },
      { name: 'tenant', value: '#[attributes.headers.`x-tenant`]' },
    ]
    await expect(claimsOf(list, user)).rejects.toMatchObject({
      code: 'claim/missing',
      place: { claim: 'tenant', at: 'policy.yaml:1:value' },
    })
  })

  it('that is missing is left out with omit, and null with null', async () => {
    const list: Written[] = [
      { name: 'a', value: '#[payload.x]', onMissing: 'omit' },
      { name: 'b', value: '#[payload.x]', onMissing: 'null', type: 'string' },
    ]
    expect(await claimsOf(list)).toEqual({ b: null })
  })

  it('may have a computed name', async () => {
    const list: Written[] = [{ name: 'x-#[attributes.headers.`x-claim`]', value: 1 }]
    expect(await claimsOf(list, user)).toEqual({ 'x-sub': 1 })
  })

  it.each(['__proto__', 'constructor', 'toString'])('may be called %s', async (name) => {
    const claims = await claimsOf([{ name, value: { polluted: true } }])
    expect(JSON.parse(JSON.stringify(claims))).toEqual(JSON.parse(`{"${name}":{"polluted":true}}`))
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('a registered claim', () => {
  it.each<[string, Json]>([
    ['iss', 'a'],
    ['sub', 'a'],
    ['jti', 'a'],
    ['aud', 'a'],
    ['aud', ['a', 'b']],
    ['exp', 1767225600],
    ['nbf', 0],
    ['iat', 1767225600],
  ])('%s may be %j', async (name, x) => {
    const list: Written[] = [{ name, value: '#[payload.x]' }]
    expect(await claimsOf(list, payload({ x }))).toEqual({ [name]: x })
  })

  it.each<[string, Json]>([
    ['iss', 7],
    ['sub', null],
    ['sub', ['a']],
    ['jti', 7],
    ['aud', 7],
    ['aud', []],
    ['aud', ['a', 7]],
    ['exp', '1767225600'],
    ['exp', 1767225600.5],
    ['exp', -1],
    ['iat', null],
    ['nbf', 1767225600000],
  ])('%s must not be %j, neither computed nor written', async (name, x) => {
    const list: Written[] = [{ name, value: '#[payload.x]' }]
    expect(await errorCode(() => claimsOf(list, payload({ x })))).toBe('claim/type')
    expect(compileList([{ name, value: x }]).faults).toMatchObject([
      { rule: 'claim/type', path: [0, 'value'] },
    ])
  })

  it('in milliseconds is refused with what to do', async () => {
    const list: Written[] = [{ name: 'exp', value: '#[payload.x]' }]
    await expect(claimsOf(list, payload({ x: 1767225600000 }))).rejects.toThrow(/divide by 1000/)
  })

  it('cannot be null when it is missing', () => {
    const list: Written[] = [{ name: 'sub', value: '#[payload.x]', onMissing: 'null' }]
    expect(compileList(list).faults).toMatchObject([{ rule: 'claim/type', path: [0, 'name'] }])
  })
})

describe('a claim that is set twice', () => {
  it('by its written names is a fault at the second', () => {
    const list = ['a', 'b', 'a'].map((name) => ({ name, value: 1 }))
    expect(compileList(list).faults).toMatchObject([{ rule: 'claim/duplicate', path: [2, 'name'] }])
  })

  it('beside something else that produces it is a fault', () => {
    expect(compileList([{ name: 'iat', value: 1 }], ['iat']).faults).toMatchObject([
      { rule: 'claim/duplicate', path: [0, 'name'], message: 'iat is reserved' },
    ])
  })

  it.each<[string, Written[], string[]]>([
    ['another entry', [{ name: 'sub', value: '1' }, byHeader()], []],
    ['what is produced elsewhere', [byHeader()], ['sub']],
  ])('by a computed name that is also %s refuses the request', async (_what, list, reserved) => {
    await expect(claimsOf(list, user, reserved)).rejects.toMatchObject({
      code: 'claim/duplicate',
      // as it is written: what it gives is text of the request
      place: { claim: '#[attributes.headers.`x-claim`]' },
    })
  })

  it('does not count when it is left out', async () => {
    const list: Written[] = [
      { name: 'sub', value: 'a' },
      { name: '#[attributes.headers.`x-claim`]', value: '#[payload.x]', onMissing: 'omit' },
    ]
    expect(await claimsOf(list, user)).toEqual({ sub: 'a' })
  })
})

describe('a list of claims', () => {
  it('looks up where its entries stand when it is compiled, not for each request', () => {
    const { scope } = recordingScope({ environment: fixedEnvironment() })
    let looked = 0
    const at = (...path: Path): Scope => ({
      ...scope.at(...path),
      locate() {
        looked += 1
        return 'policy.yaml:1:1'
      },
      at: (...below) => at(...path, ...below),
    })
    const entries = [
      { name: 'a', value: '#[attributes.method]' },
      { name: 'x-#[attributes.method]', value: 1 },
    ]
    const configs = entries.map((entry) => ({ ...entry, nameScope: at(), valueScope: at() }))
    const claims = compileMembers(configs, { reserved: new Map(), mismatch: registeredMismatch })
    const before = looked
    expect(claims.evaluate(requestContext())).toEqual({ a: 'GET', 'x-GET': 1 })
    expect([before > 0, looked]).toEqual([true, before])
  })

  it('is there at once unless an expression takes time', () => {
    const evaluated = (value: Json) => compileList([{ name: 'c', value }]).claims.evaluate(user)
    expect(evaluated(['a', { b: '#[attributes.host]' }])).toEqual({ c: ['a', { b: 'localhost' }] })
    expect(evaluated(['#[$uppercase(attributes.host)]'])).toEqual({ c: ['LOCALHOST'] })
    expect(evaluated(['#[attributes.host]', '#[$pad("a", 1)]'])).toBeInstanceOf(Promise)
  })

  it('is the same object for every request when it is constant', () => {
    const { claims } = compileList([{ name: 'c', value: { a: 1 } }])
    expect(claims.evaluate(user)).toBe(claims.evaluate(requestContext()))
  })

  it('keeps the order of entries that take time, and fails with the first that fails', async () => {
    const list = (...values: Json[]) => values.map((value, index) => ({ name: `c${index}`, value }))
    const slow = '#[$uppercase($pad("a", 1))]'
    const claims = await claimsOf(list('#[attributes.method]', slow, 1, slow), user)
    expect(JSON.stringify(claims)).toBe('{"c0":"GET","c1":"A","c2":1,"c3":"A"}')
    const failing = claimsOf(list('#[$number("x")]', '#[payload.x]'), user)
    await expect(failing).rejects.toMatchObject({ code: 'expr/failed', place: { claim: 'c0' } })
  })

  it('reports every fault of its entries', () => {
    const list: Written[] = [
      { name: 'a', value: '#[payload.]' },
      { name: '#[(]', value: 1 },
      { name: '#[5]', value: 1 },
      { name: 'b', value: ['x', { y: '#[)]' }] },
      { name: 'c', value: 'x', type: 'integer' },
    ]
    expect(compileList(list).faults.map(({ rule, path }) => [rule, path.join('.')])).toEqual([
      ['expr/syntax', '0.value'],
      ['expr/syntax', '1.name'],
      ['claim/type', '2.name'],
      ['expr/syntax', '3.value.1.y'],
      ['claim/type', '4.value'],
    ])
  })

  it('knows what it reads, and whether it is constant or volatile', () => {
    const traits = (value: Json) => {
      const { constant, volatile, reads } = compileList([{ name: 'c', value }]).claims
      return { constant, volatile, reads: [...reads] }
    }
    expect(traits('text')).toEqual({ constant: true, volatile: false, reads: [] })
    expect(traits(['#[1]'])).toEqual({ constant: true, volatile: false, reads: [] })
    expect(traits(['#[payload.x]'])).toEqual({
      constant: false,
      volatile: false,
      reads: ['payload'],
    })
    expect(traits({ a: '#[$uuid()]' })).toEqual({ constant: true, volatile: true, reads: [] })
  })
})

function byHeader(): Written {
  return { name: '#[attributes.headers.`x-claim`]', value: 'b' }
}
