import { describe, expect, it } from 'vitest'
import { type Changes, examiner } from './authenticator-under-test.ts'
import { CLAIMS, CONFIGS, claims, jws, rawClaims } from './inbound-token.ts'

const HS = { alg: 'HS256' }

/** The caller that these claims give, without its properties; or the refusal. */
async function callerOf(config: Changes, changes: Changes): Promise<object | undefined> {
  const { examine } = await examiner({ ...CONFIGS.hs, ...config })
  const finding = await examine(jws(HS, claims(changes)))
  if (!finding || 'refused' in finding) return finding?.refused
  const { scheme: _scheme, properties: _properties, ...caller } = finding.caller
  return caller
}

describe.each([
  ['usernameField', 'principal'],
  ['nameField', 'name'],
  ['emailField', 'email'],
  ['clientIdField', 'clientId'],
])('%s', (setting, member) => {
  it.each([
    ['own', { own: 'Ann' }],
    ['https://example.com/own', { 'https://example.com/own': 'Ann' }],
    ['a/b', { 'a/b': 'Ann' }],
    ['/own', { own: 'Ann' }],
    ['/a/b', { a: { b: 'Ann' } }],
    ['/a/1/b', { a: [{}, { b: 'Ann' }] }],
    ['/a~1b/c~0d', { 'a/b': { 'c~d': 'Ann' } }],
    ['/~01', { '~1': 'Ann' }],
    ['/a/', { a: { '': 'Ann' } }],
    ['__proto__', JSON.parse('{"__proto__":"Ann"}')],
  ])(`maps %s to authentication.${member}`, async (field, changes) => {
    expect(await callerOf({ [setting]: field }, changes)).toMatchObject({ [member]: 'Ann' })
  })

  it.each([
    ['own', {}],
    ['own', { own: '' }],
    ['own', { own: 7 }],
    ['own', { own: true }],
    ['own', { own: null }],
    ['own', { own: ['Ann'] }],
    ['own', { own: { own: 'Ann' } }],
    ['own', { Own: 'Ann' }],
    ['toString', {}],
    ['__proto__', {}],
    ['/a/b', { a: 'Ann' }],
    ['/a/b', { 'a/b': 'Ann', '/a/b': 'Ann' }],
    ['/a/length', { a: ['Ann'] }],
    ['/a/01', { a: ['x', 'Ann'] }],
    ['/a/-', { a: ['Ann'] }],
    ['/a/2', { a: ['Ann'] }],
    ['/a/0', { a: 'Ann' }],
  ])('refuses a token without text at %s, and says which: %j', async (field, changes) => {
    expect(await callerOf({ [setting]: field }, changes)).toEqual({
      reason: 'missing-field',
      field,
    })
  })

  it.each(['', '/a~b', '/a~2', '/~'])('is a name or a JSON pointer, not %j', async (field) => {
    await expect(examiner({ ...CONFIGS.hs, [setting]: field })).rejects.toThrow()
  })
})

describe('clientId without a field', () => {
  it.each([
    [
      { client_id: 'web', azp: 'app' },
      { principal: 'ann', clientId: 'web' },
    ],
    [{ azp: 'app' }, { principal: 'ann', clientId: 'app' }],
    [
      { client_id: 7, azp: 'app' },
      { principal: 'ann', clientId: 'app' },
    ],
    [{ client_id: '' }, { principal: 'ann' }],
    [{}, { principal: 'ann' }],
  ])('is client_id, else azp, else absent: %j', async (changes, caller) => {
    expect(await callerOf({}, changes)).toEqual(caller)
  })

  it('is not azp when another field is written', async () => {
    expect(await callerOf({ clientIdField: 'app' }, { app: 'a', azp: 'b' })).toEqual({
      principal: 'ann',
      clientId: 'a',
    })
  })
})

describe('roles', () => {
  const initial = { defaultUserType: 'Reader', initialRoles: ['viewer'] }
  const asNewcomer = { principal: 'ann', userType: 'Reader', roles: ['viewer'] }

  it.each([
    ['roles', { roles: 'admin' }, { principal: 'ann', roles: ['admin'] }],
    ['roles', { roles: ['admin', 'ops'] }, { principal: 'ann', roles: ['admin', 'ops'] }],
    ['roles', { roles: ['', 'ops'] }, { principal: 'ann', roles: ['ops'] }],
    ['/realm/roles', { realm: { roles: ['ops'] } }, { principal: 'ann', roles: ['ops'] }],
    ['roles', {}, asNewcomer],
    ['roles', { roles: [] }, asNewcomer],
    ['roles', { roles: '' }, asNewcomer],
    ['/realm/roles', { realm: {} }, asNewcomer],
    ['toString', {}, asNewcomer],
    ['/realm/constructor', { realm: {} }, asNewcomer],
    [undefined, { roles: ['admin'] }, asNewcomer],
  ])('are those of %s, or the initial ones: %j', async (rolesField, changes, caller) => {
    expect(await callerOf({ ...initial, rolesField }, changes)).toEqual(caller)
  })

  it.each([7, true, null, { admin: true }, ['admin', 7], [['admin']], [null]])(
    'are text and nothing else: %j',
    async (roles) => {
      expect(await callerOf({ ...initial, rolesField: 'roles' }, { roles })).toEqual({
        reason: 'claim-type',
        field: 'roles',
      })
    },
  )

  it('are absent when there are none, and no initial ones', async () => {
    expect(await callerOf({ rolesField: 'roles' }, {})).toEqual({ principal: 'ann' })
  })

  it('remembers nothing of a caller', async () => {
    const { examine } = await examiner({ ...CONFIGS.hs, ...initial, rolesField: 'roles' })
    const rolesOf = async (changes: Changes) => {
      const finding = await examine(jws(HS, claims(changes)))
      return finding && 'caller' in finding && [finding.caller.userType, finding.caller.roles]
    }
    expect(await rolesOf({})).toEqual(['Reader', ['viewer']])
    expect(await rolesOf({ roles: ['admin'] })).toEqual([undefined, ['admin']])
    expect(await rolesOf({})).toEqual(['Reader', ['viewer']])
    expect(await rolesOf({ loginname: 'bob' })).toEqual(['Reader', ['viewer']])
  })
})

describe('authentication.properties.claims', () => {
  it('holds every claim', async () => {
    const { examine } = await examiner(CONFIGS.hs)
    const own = { nested: { list: [1, 'two', null, { deep: true }] }, empty: {}, zero: 0 }
    expect(await examine(jws(HS, claims(own)))).toEqual({
      caller: { scheme: 'jwt', principal: 'ann', properties: { claims: { ...CLAIMS, ...own } } },
    })
  })

  it('keeps a number that a double would round apart from its neighbours', async () => {
    const { examine } = await examiner(CONFIGS.hs)
    const idOf = async (digits: string) => {
      const finding = await examine(jws(HS, rawClaims(`"id":${digits}`)))
      const read = finding && 'caller' in finding ? finding.caller.properties?.claims : undefined
      return String((read as { readonly id?: unknown }).id)
    }
    expect(await idOf('12345678901234567890')).toBe('12345678901234567890')
    expect(await idOf('12345678901234567891')).toBe('12345678901234567891')
  })
})
