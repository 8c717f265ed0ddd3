import { describe, expect, it } from 'vitest'
import { policySchema } from '../../../../src/config/index.ts'
import { apiInstance, policyBinding, read } from './read.ts'

const CONFIG = {
  signingMethod: 'ES384',
  privateKey: '$SIGNING_KEY',
  iat: false,
  exp: 300,
  nbf: 5,
  customClaims: [
    { name: 'aud', value: "'https://upstream.example.com'" },
    { name: 'sub', value: "#[attributes.headers['X-User']]" },
    { name: '#[attributes.method]', value: 'plain text' },
  ],
  customHeaders: [{ name: 'tenant', value: '#[authentication.clientId]' }],
}
const OWN = {
  jwt: {
    signingMethod: 'ES384',
    privateKey: { env: 'SIGNING_KEY' },
    kid: 'omit',
    iat: false,
    exp: 300,
    nbf: 5,
    customClaims: [
      { name: 'aud', value: 'https://upstream.example.com', onMissing: 'omit' },
      {
        name: 'sub',
        value: expect.stringMatching(/^#\[attributes\.headers\./),
        onMissing: 'error',
      },
      { name: '#[attributes.method]', value: 'plain text', onMissing: 'error' },
    ],
    customHeaders: [{ name: 'tenant', value: '#[authentication.clientId]', onMissing: 'omit' }],
  },
  inject: { location: 'header', name: 'authorization', scheme: 'Bearer', overwrite: 'always' },
}
const entry = { policyRef: { name: 'jwt-generation-flex' }, config: CONFIG }

describe('jwt-generation-flex', () => {
  it('becomes a policy of ours, each member for each', () => {
    const { policies, faults } = read({ 'Their Orders': JSON.stringify([entry]) })
    expect(policies).toEqual([{ name: 'their-orders-1', ...OWN }])
    expect(policySchema.safeParse(policies[0]).success).toBe(true)
    expect(faults).toEqual([expect.stringMatching(/^notice\[flex\/translated\] Their Orders/)])
  })

  it('is the same policy in a list, alone, in an ApiInstance and in a PolicyBinding', () => {
    const services = { upstream: { address: 'http://127.0.0.1:9000' } }
    const spec = { address: 'http://0.0.0.0:8080', services }
    const { policies } = read({
      list: JSON.stringify([entry]),
      alone: JSON.stringify(entry),
      api: apiInstance('orders', { ...spec, policies: [entry] }),
      binding: policyBinding('Bound_Policy', { ...entry, targetRef: { name: 'orders' } }),
    })
    const bound = { match: { route: ['orders'] } }
    expect(policies).toEqual([
      { name: 'list-1', ...OWN },
      { name: 'alone-1', ...OWN },
      { name: 'orders-jwt-generation-flex', ...bound, ...OWN },
      { name: 'bound-policy', ...bound, ...OWN },
    ])
  })

  it('has the documented defaults, and no claim for 0', () => {
    const config = { privateKey: '$KEY' }
    const { policies } = read({ a: JSON.stringify({ ...entry, config }) })
    expect(policies).toMatchObject([
      { jwt: { signingMethod: 'RS256', privateKey: { env: 'KEY' }, iat: true, exp: 0, nbf: 0 } },
    ])
  })

  it.each(['HS256', 'HS384', 'HS512'])(
    'takes the text of a key for %s as it is, short or not',
    (signingMethod) => {
      const config = { signingMethod, privateKey: 'c2hvcnQ=' }
      const { policies, faults } = read({ a: JSON.stringify({ ...entry, config }) })
      expect(policies).toMatchObject([
        { jwt: { privateKey: 'c2hvcnQ=', keyType: 'Secret', allowWeakKey: true } },
      ])
      expect(faults).toEqual([])
    },
  )

  it('keeps a claim whose name begins with a slash one name', () => {
    const config = { privateKey: '$KEY', customClaims: [{ name: '/a/b~c', value: 'x' }] }
    const { policies } = read({ a: JSON.stringify({ ...entry, config }) })
    expect(policies).toMatchObject([{ jwt: { customClaims: [{ name: '/~1a~1b~0c' }] } }])
  })

  it.each([
    ['sub', 'error'],
    ["'sub'", 'error'],
    ['"sub"', 'error'],
    ["#['sub']", 'error'],
    ['#[vars.name]', 'error'],
    ["#['s' ++ vars.name]", 'error'],
    ["#['x-' ++ attributes.method]", 'omit'],
    ['$CLAIM', 'error'],
    ['roles', 'omit'],
  ])('is refused without a value for a claim that may be the subject: %s', (name, onMissing) => {
    const config = { privateKey: '$KEY', customClaims: [{ name, value: '#[vars.a]' }] }
    const variables = { CLAIM: 'sub' }
    const { policies } = read({ a: JSON.stringify({ ...entry, config }) }, variables)
    expect(policies).toMatchObject([{ jwt: { customClaims: [{ onMissing }] } }])
  })

  it.each([
    ['kid', '#[vars.kid]'],
    ['"kid"', "#[attributes.headers['x-kid']]"],
    ['kid', ''],
    ["#['kid']", "''"],
  ])('refuses a key id that is no text, at its value: %s %s', (name, value) => {
    const text = `policyRef: jwt-generation-flex
config:
  privateKey: $KEY
  customHeaders:
    - { name: tenant, value: a }
    - name: ${JSON.stringify(name)}
      value: ${JSON.stringify(value)}
`
    const { policies, diagnostics } = read({ a: text })
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    expect(errors).toMatchObject([
      { rule: 'flex/kid', line: 7, hint: 'write the id itself, or leave this entry out' },
    ])
    expect(policies).toEqual([])
  })

  it('takes the name of a policy as plain text, too', () => {
    const config = { privateKey: '$KEY' }
    const { policies, faults } = read({
      a: JSON.stringify([{ policyRef: 'jwt-generation-flex', config }]),
    })
    expect(policies).toMatchObject([{ name: 'a-1', jwt: { privateKey: { env: 'KEY' } } }])
    expect(faults).toEqual([])
  })

  it.each(['kid', "'kid'", '"kid"', "#['kid']"])(
    'leaves the key id to a custom header: %s',
    (name) => {
      const customHeaders = [{ name, value: 'key-7' }]
      const config = { privateKey: '$KEY', customHeaders }
      const { policies } = read({ a: JSON.stringify({ ...entry, config }) })
      expect(policies).toMatchObject([
        { jwt: { customHeaders: [{ name: 'kid', value: 'key-7' }] } },
      ])
      expect(policies[0]).not.toHaveProperty('jwt.kid')
    },
  )

  it('puts the text of a variable where $NAME stands alone, and nowhere else', () => {
    const config = {
      privateKey: '$KEY',
      exp: '$LIFETIME',
      customClaims: [
        { name: 'aud', value: '$AUDIENCE' },
        { name: 'price', value: '5$AUDIENCE' },
        { name: 'pair', value: '$$AUDIENCE' },
      ],
    }
    const variables = { KEY: 'never read here', LIFETIME: '60', AUDIENCE: 'orders' }
    const { policies, faults } = read({ a: JSON.stringify({ ...entry, config }) }, variables)
    expect(policies).toMatchObject([
      {
        jwt: {
          privateKey: { env: 'KEY' },
          exp: 60,
          customClaims: [{ value: 'orders' }, { value: '5$AUDIENCE' }, { value: '$$AUDIENCE' }],
        },
      },
    ])
    expect(faults).toEqual([])
  })

  it('does not take the value of a variable for a reference', () => {
    const config = { signingMethod: 'HS256', privateKey: '$' + '{SECRET}' }
    const text = JSON.stringify({ ...entry, config })
    const { policies, faults } = read({ a: text }, { SECRET: '$ecret' })
    expect(policies).toMatchObject([{ jwt: { privateKey: '$ecret' } }])
    expect(faults).toEqual([])
  })

  it.each([
    [
      'an unknown member',
      'privateKey: $K\n    customClaim: []',
      'error[schema/unknown-key] a.yaml:4:5',
    ],
    [
      'another algorithm',
      'privateKey: $K\n    signingMethod: ES512',
      'error[schema/enum] a.yaml:4:20',
    ],
    ['no key', 'exp: 1', 'error[schema/required] a.yaml:2:1'],
    ['a lifetime with a unit', 'privateKey: $K\n    exp: 5m', 'error[schema/type] a.yaml:4:10'],
    ['a key that is an expression', 'privateKey: "#[vars.key]"', 'error[flex/secret] a.yaml:3:17'],
    [
      'a variable that is not set',
      'privateKey: $K\n    exp: $NOT_SET',
      'error[env/unset] a.yaml:4:10',
    ],
    [
      'an expression without translation',
      'privateKey: $K\n    customClaims: [{ name: a, value: "#[1 + now()]" }]',
      'error[flex/expression] a.yaml:4:45',
    ],
    [
      'one, beside another fault',
      'exp: 1\n    customClaims: [{ name: a, value: "#[now()]" }]',
      'error[flex/expression] a.yaml:4:41',
    ],
  ])('refuses %s at its place', (_, lines, fault) => {
    const text = `policyRef: { name: jwt-generation-flex }\nconfig:\n    ${lines}\n`
    const { policies, faults } = read({ a: text })
    expect(faults).toContain(fault)
    expect(policies).toEqual([])
  })

  it('never tells a key in a diagnostic', () => {
    const text = `policyRef: { name: jwt-generation-flex }
config: { privateKey: hunter2hunter2, signingMethod: XS, exp: no, customClaim: { a: hunter2hunter2 } }`
    const { diagnostics } = read({ a: text })
    expect(diagnostics.length).toBeGreaterThan(2)
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2')
  })

  it('says where each translated text comes from', () => {
    const { originals } = read({ a: JSON.stringify(entry) })
    expect(originals).toContainEqual({
      path: ['jwt', 'customClaims', 1, 'value'],
      text: "#[attributes.headers['X-User']]",
      kind: 'expression',
      notices: [],
    })
  })
})
