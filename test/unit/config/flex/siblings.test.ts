import { describe, expect, it } from 'vitest'
import { policySchema } from '../../../../src/config/index.ts'
import { read } from './read.ts'

const one = (name: string, config: object) =>
  read({ a: JSON.stringify({ policyRef: { name }, config }) })
const BASIC = 'credential-injection-basic-auth-flex'
const KEY = 'credential-injection-api-key-flex'
const header = (name: string, scheme: string, overwrite = 'always') => {
  return { location: 'header', name, scheme, overwrite }
}

describe(BASIC, () => {
  it.each([
    [{}, header('authorization', 'Basic')],
    [{ overwrite: true }, header('authorization', 'Basic')],
    [{ overwrite: false }, header('authorization', 'Basic', 'ifAbsent')],
    [{ customHeader: 'X-Upstream' }, header('X-Upstream', 'Basic')],
  ])('with %j goes to its header', (settings, inject) => {
    const { policies, faults } = one(BASIC, { username: 'ann', password: '$PASSWORD', ...settings })
    const basic = { username: 'ann', password: { env: 'PASSWORD' } }
    expect(policies).toEqual([{ name: 'a-1', basic, inject }])
    expect(policySchema.safeParse(policies[0]).success).toBe(true)
    expect(faults).toEqual([])
  })

  it('may have an expression as user name', () => {
    const { policies } = one(BASIC, { username: '#[authentication.principal]', password: 'p' })
    expect(policies).toMatchObject([
      { basic: { username: '#[authentication.principal]', password: 'p' } },
    ])
  })

  it.each([{ username: 'ann' }, { password: 'p' }, {}])(
    'asks for what is missing in %j',
    (config) => {
      expect(one(BASIC, config).faults).toContainEqual(expect.stringContaining('[schema/required]'))
    },
  )
})

describe(KEY, () => {
  it.each([`'quoted'`, '"quoted"'])('keeps the quotes of %s, and says so', (apiKey) => {
    const { policies, faults } = one(KEY, { apiKey })
    expect(policies).toMatchObject([{ apiKey: { value: apiKey } }])
    expect(faults).toEqual([expect.stringContaining('notice[flex/quotes]')])
  })

  it.each([
    [{ authType: 'apiKey' }, header('authorization', 'none')],
    [{}, header('authorization', 'none')],
    [{ customHeader: 'x-key', overwrite: false }, header('x-key', 'none', 'ifAbsent')],
  ])('with %j sends the key as it is', (settings, inject) => {
    const { policies, faults } = one(KEY, { apiKey: 'k-1', ...settings })
    expect(policies).toEqual([{ name: 'a-1', apiKey: { value: 'k-1' }, inject }])
    expect(policySchema.safeParse(policies[0]).success).toBe(true)
    expect(faults).toEqual([])
  })

  it.each([
    [{}, 'client_id', 'client_secret'],
    [{ customClientIdHeader: 'x-id', customClientSecretHeader: 'x-secret' }, 'x-id', 'x-secret'],
  ])('with %j sends client id and secret in two headers', (settings, id, secret) => {
    const config = {
      authType: 'clientCredentials',
      clientId: 'app',
      clientSecret: '$S',
      ...settings,
    }
    const { policies, faults } = one(KEY, config)
    expect(policies).toEqual([
      {
        name: 'a-1',
        apiKey: { env: 'S' },
        inject: [header(secret, 'none'), { ...header(id, 'none'), value: 'app' }],
      },
    ])
    expect(policySchema.safeParse(policies[0]).success).toBe(true)
    expect(faults).toEqual([])
  })

  it.each([
    [{ authType: 'apiKey' }, 'schema/required'],
    [{ authType: 'clientCredentials', clientId: 'app' }, 'schema/required'],
    [
      { authType: 'clientCredentials', clientId: 'a', clientSecret: 'b', apiKey: 'c' },
      'schema/unknown-key',
    ],
    [{ authType: 'oauth', apiKey: 'k' }, 'schema/'],
    [{ apiKey: '#[vars.key]' }, 'flex/secret'],
  ])('refuses %j', (config, rule) => {
    const { policies, faults } = one(KEY, config)
    expect(faults).toContainEqual(expect.stringContaining(rule))
    expect(policies).toEqual([])
  })
})
