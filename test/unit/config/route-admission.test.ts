import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/authenticate/anonymous.ts'
import type { NamedAuthenticator } from '../../../src/authenticate/index.ts'
import type { RouteConfig } from '../../../src/config/gateway-schema.ts'
import { compileAdmission } from '../../../src/config/route-admission.ts'
import { errorCode } from '../../support/error-code.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'

const open = (await anonymous.create(
  {},
  {} as never,
  {} as never,
)) as NamedAuthenticator['authenticator']

function named(name: string, rest: Partial<NamedAuthenticator> = {}): NamedAuthenticator {
  const authenticator: NamedAuthenticator['authenticator'] = {
    place: `header x_${name}`,
    headerNames: [`x_${name}`],
    challenge: () => name,
    examine: ({ head }) =>
      head.headers[`x-${name}`] === undefined
        ? undefined
        : { caller: { scheme: 'test', principal: String(head.headers[`x-${name}`]) } },
  }
  return { name, kind: 'test', authenticator, enabled: true, forwardCredential: false, ...rest }
}

const KNOWN = new Map([
  ['staff', named('staff')],
  ['off', named('off', { enabled: false })],
  ['anonymous', named('anonymous', { authenticator: open })],
  ['mesh', named('mesh', { isBlind: true })],
  ['broken', undefined],
])

function compile(written: Partial<RouteConfig>) {
  const { scope, faults } = recordingScope()
  const route = { name: 'r', upstream: 'http://127.0.0.1:9000', ...written }
  return { admission: compileAdmission(route, KNOWN, scope), faults }
}

/** Admits a request with these header fields; throws what admission throws. */
async function admit(
  written: Partial<RouteConfig>,
  headers: Readonly<Record<string, string | string[]>> = {},
) {
  const { admission } = compile(written)
  if (!admission) throw new Error('expected an admission')
  const admitted = await admission.admit(requestContext({ headers }), {})
  return admitted.authentication.principal
}

describe('authenticate of a route', () => {
  it('asks those that it names', async () => {
    expect(await admit({ authenticate: ['staff'] }, { 'x-staff': 'ann' })).toBe('ann')
    expect(await errorCode(() => admit({ authenticate: ['staff'] }))).toBe('auth/invalid')
    expect(await admit({ authenticate: ['staff', 'anonymous'] })).toBeUndefined()
  })

  it('asks nobody when it is not written', async () => {
    expect(await admit({}, { 'x-staff': 'ann' })).toBeUndefined()
  })

  it('names the nearest authenticator for one that there is not', () => {
    const { admission, faults } = compile({ authenticate: ['staff', 'stuff'] })
    expect(admission).toBeUndefined()
    expect(faults).toEqual([
      {
        severity: 'error',
        rule: 'gateway/unknown-authenticator',
        path: ['authenticate', 1],
        message: 'expected the name of an authenticator, "stuff" is none',
        hint: 'did you mean staff? authenticators: staff, off, anonymous, mesh, broken',
      },
    ])
  })

  it('says nothing more of an authenticator whose fault was reported', () => {
    expect(compile({ authenticate: ['broken'] })).toEqual({ admission: undefined, faults: [] })
  })

  it.each([
    [['off'], 'gateway/nobody-recognised', ['authenticate']],
    [['anonymous', 'staff'], 'gateway/never-asked', ['authenticate', 1]],
    [['staff', 'staff'], 'gateway/never-asked', ['authenticate', 1]],
    [['anonymous', 'anonymous'], 'gateway/never-asked', ['authenticate', 1]],
    [['mesh'], 'gateway/no-client-ca', ['authenticate', 0]],
  ])('warns of what is never asked: %j', (authenticate, rule, path) => {
    const { admission, faults } = compile({ authenticate })
    expect(admission).toBeDefined()
    expect(faults).toEqual([expect.objectContaining({ severity: 'warning', rule, path })])
  })

  it.each([[['staff']], [['off', 'staff']], [['off', 'staff', 'anonymous', 'off']]])(
    'has nothing to say of %j',
    (authenticate) => {
      expect(compile({ authenticate }).faults).toEqual([])
    },
  )
})

describe('two authenticators at one place', () => {
  const at = (kind: string, issuers?: readonly string[], place = 'header authorization bearer') =>
    named('x', {
      kind,
      authenticator: {
        place,
        headerNames: [],
        challenge: () => '',
        examine: () => undefined,
        ...(issuers && { issuers }),
      },
    })

  it.each([
    ['of one kind', at('apiKey'), at('apiKey')],
    ['of different kinds', at('jwt', ['a']), at('apiKey')],
    ['of which the first takes every issuer', at('jwt'), at('jwt', ['a'])],
    ['of one issuer', at('jwt', ['a', 'b']), at('jwt', ['b'])],
  ])('are a warning when they are %s', (_how, first, second) => {
    expect(rulesOf(first, second)).toEqual(['gateway/never-asked'])
  })

  it.each([
    ['take different issuers', at('jwt', ['a']), at('jwt', ['a', 'b'])],
    ['leave other issuers to one that takes all', at('jwt', ['a']), at('jwt')],
    ['stand elsewhere', at('jwt'), at('jwt', undefined, 'cookie token')],
    ['are not both enabled', { ...at('apiKey'), enabled: false }, at('apiKey')],
  ])('are none when they %s', (_how, first, second) => {
    expect(rulesOf(first, second)).toEqual([])
  })

  function rulesOf(first: NamedAuthenticator, second: NamedAuthenticator) {
    const { scope, faults } = recordingScope()
    const known = new Map([
      ['first', first],
      ['second', second],
    ])
    const route = { name: 'r', upstream: 'http://127.0.0.1:9000' }
    compileAdmission({ ...route, authenticate: ['first', 'second'] }, known, scope)
    return faults.map(({ rule }) => rule)
  }
})

describe('allow of a route', () => {
  const authenticate = ['staff', 'anonymous']
  const ANN = "#[authentication.principal = 'ann']"

  it('lets pass whom it is true for', async () => {
    const route = { authenticate, allow: ANN }
    expect(await admit(route, { 'x-staff': 'ann' })).toBe('ann')
    expect(await errorCode(() => admit(route, { 'x-staff': 'bob' }))).toBe('auth/forbidden')
    expect(await errorCode(() => admit(route))).toBe('auth/invalid')
  })

  it.each([
    ['a text', '#[authentication.principal]'],
    ['nothing', '#[authentication.email]'],
    ['a number', '#[$length(authentication.principal)]'],
    ['a list', "#[[authentication.principal = 'ann']]"],
  ])('is a failure when it gives %s, not an answer', async (_what, allow) => {
    const run = () => admit({ authenticate, allow }, { 'x-staff': 'ann' })
    expect(await errorCode(run)).toBe('expr/failed')
  })

  it('says where it stands when it fails', async () => {
    await expect(admit({ allow: '#[authentication.email]' })).rejects.toMatchObject({
      place: { claim: 'allow', at: 'policy.yaml:allow' },
    })
  })

  it('needs no authenticator', async () => {
    const allow = "#[attributes.headers.`x-env` = 'prod']"
    expect(await admit({ allow }, { 'x-env': 'prod' })).toBeUndefined()
    expect(await errorCode(() => admit({ allow }))).toBe('auth/forbidden')
  })

  it('T014 sees every line of a field', async () => {
    const allow = "#[attributes.headers.`x-role` = 'admin']"
    const run = () => admit({ allow }, { 'x-role': ['user', 'admin'] })
    expect(await errorCode(run)).toBe('auth/forbidden')
  })

  it('is known to read its header fields', () => {
    const { admission } = compile({ authenticate, allow: '#[attributes.headers.`x-env` = "a"]' })
    expect([...(admission?.headerNames ?? [])]).toEqual(['x_staff', 'x_env'])
  })

  it.each([
    ['#[payload.a = 1]', 'expr/'],
    ['#[tokens.a.value = "x"]', 'expr/'],
    ['#[authentication.principal', 'expr/'],
    ['#["yes"]', 'gateway/allow'],
    ['#[true] and more', 'expr/single'],
  ])('is refused at load as %s', (allow, rule) => {
    const { admission, faults } = compile({ allow })
    expect(admission).toBeUndefined()
    expect(faults).toEqual([
      expect.objectContaining({
        severity: 'error',
        rule: expect.stringContaining(rule),
        path: ['allow'],
      }),
    ])
  })

  it('says what it may read', () => {
    const { faults } = compile({ allow: '#[payload.x = 1]' })
    expect(faults).toMatchObject([
      {
        message: '"payload" is not known here',
        hint: 'the roots here are attributes, authentication, upstream, vars',
      },
    ])
  })

  it.each([
    ['#[true]', 'none'],
    ['#[false]', 'auth/forbidden'],
  ])('may be the constant %s', async (allow, code) => {
    expect(await errorCode(() => admit({ allow }))).toBe(code)
  })
})
