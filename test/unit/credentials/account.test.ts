import { createDecoder } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import type { CacheSettings } from '../../../src/cache/index.ts'
import type { Account } from '../../../src/credentials/index.ts'
import { type KeyRing, loadKeyRing } from '../../../src/keys/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { ecKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileJwt } from './source.ts'

const NOW = 1_767_225_600
const decode = createDecoder({ complete: true })
const environment = () => fixedEnvironment({ variables: { KEY: ecKeys().pkcs8 } })

async function ring(account?: object): Promise<KeyRing> {
  const { scope } = recordingScope({ environment: environment() })
  const config = { signingMethod: 'ES256', privateKey: { env: 'KEY' }, kid: 'erp-1' } as const
  const loaded = (await loadKeyRing(config, scope)) as KeyRing
  return account ? { ...loaded, signing: { ...loaded.signing, account: account as never } } : loaded
}

const NONE = { signingMethod: undefined, privateKey: undefined, exp: undefined }

async function compiled(block: object, account: Partial<Account> = {}, cache?: CacheSettings) {
  const accounts = new Map([['erp', { keys: await ring(), ...account }]])
  const written = { ...NONE, account: 'erp', ...block }
  return compileJwt(written, undefined, environment(), { accounts, ...(cache && { cache }) })
}

async function tokenOf(block: object, account: Partial<Account> = {}, payload: unknown = {}) {
  const { source, faults } = await compiled(block, account)
  expect(faults).toEqual([])
  const { value } = await source!.issue(requestContext({}, { payload }))
  return decode(value.reveal()) as { header: object; payload: Record<string, unknown> }
}

describe('an account', () => {
  it('gives issuer, lifetime, algorithm and key', async () => {
    const { header, payload } = await tokenOf({ sub: 'ann' }, { issuer: 'erp', ttl: 60 })
    expect(header).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'erp-1' })
    expect(payload).toEqual({ iss: 'erp', sub: 'ann', iat: NOW, exp: NOW + 60 })
  })

  it('has its public keys told', async () => {
    const { source } = await compiled({ exp: 60 })
    expect(source!.publicKeys).toMatchObject([{ kid: 'erp-1', alg: 'ES256' }])
  })

  it.each<[object, unknown, string]>([
    [{ iss: 'own' }, {}, 'own'],
    [{ iss: '#[payload.i]' }, { i: 'own' }, 'own'],
    [{ customClaims: [{ name: 'iss', value: 'own' }] }, {}, 'own'],
    [{ customClaims: [{ name: '/iss', value: 'own' }] }, {}, 'own'],
    [{ customClaims: [{ name: 'x', value: 'own' }] }, {}, 'erp'],
    [
      { customClaims: [{ name: 'iss', value: '#[payload.i]', onMissing: 'omit' }] },
      { i: undefined },
      'erp',
    ],
  ])('leaves the issuer to %j', async (block, payload, issuer) => {
    const token = await tokenOf({ exp: 60, ...block }, { issuer: 'erp' }, payload)
    expect(token.payload.iss).toBe(issuer)
  })

  it.each<[string, object]>([
    ['#[payload.n]', { n: 'iss' }],
    ['/#[payload.n]', { n: 'iss' }],
  ])('does not leave the issuer to a computed name: %s', async (name, payload) => {
    const block = { exp: 60, customClaims: [{ name, value: 'own' }] }
    const { source, faults } = await compiled(block, { issuer: 'erp' })
    expect(faults).toEqual([])
    const run = () => source!.issue(requestContext({}, { payload }))
    expect(await errorCode(run)).toBe('claim/duplicate')
  })

  it('does not take an object for the issuer', async () => {
    const block = { exp: 60, customClaims: [{ name: '/iss/x', value: 1 }] }
    const { faults } = await compiled(block, { issuer: 'erp' })
    expect(faults).toMatchObject([{ rule: 'claim/type', path: ['customClaims', 0, 'value'] }])
  })

  it('leaves the lifetime to what is written', async () => {
    const { payload } = await tokenOf({ exp: { after: 7 } }, { ttl: 60 })
    expect(payload.exp).toBe(NOW + 7)
    expect((await tokenOf({ exp: 0 }, { ttl: 60 })).payload.exp).toBeUndefined()
  })

  it('gives the other members of its secret to expressions of its own tokens', async () => {
    const keys = await ring({ client_email: 'svc@erp.example', key_id: 'k' })
    const block = {
      exp: 60,
      iss: '#[account.client_email]',
      customClaims: [
        { name: 'all', value: '#[$keys(account)]' },
        { name: 'key', value: '#[key.kid]-#[key.alg]' },
      ],
      customHeaders: [{ name: 'key_id', value: '#[account.key_id]' }],
    }
    const { header, payload } = await tokenOf(block, { keys })
    expect(header).toMatchObject({ key_id: 'k' })
    expect(payload).toMatchObject({
      iss: 'svc@erp.example',
      all: ['client_email', 'key_id'],
      key: 'erp-1-ES256',
    })
  })

  it('shows nothing to expressions when its key is no field of a secret', async () => {
    const { source } = await compiled({ exp: 60, sub: '#[account.id]' })
    expect(await errorCode(() => source!.issue(requestContext()))).toBe('claim/missing')
  })

  it.each<[object, Partial<Account>, string, string]>([
    [{ account: 'epr', exp: 1 }, {}, 'account/unknown', 'account'],
    [{}, {}, 'schema/required', 'exp'],
    [{ exp: 60, signingMethod: 'ES256' }, {}, 'account/key', 'signingMethod'],
    [{ exp: 60, privateKey: { env: 'KEY' } }, {}, 'account/key', 'privateKey'],
    [{ exp: 60, kid: 'x' }, {}, 'account/key', 'kid'],
    [{ exp: 60, allowWeakKey: true }, {}, 'account/key', 'allowWeakKey'],
    [{ exp: 60, keyType: 'EcPem' }, {}, 'account/key', 'keyType'],
    [
      { exp: 60, customHeaders: [{ name: 'kid', value: 'x' }] },
      {},
      'account/key',
      'customHeaders.0',
    ],
    [{ sub: '#[(]' }, { ttl: 60 }, 'expr/syntax', 'sub'],
  ])('with %j is reported as %s', async (block, account, rule, place) => {
    const { source, faults } = await compiled(block, account)
    expect(faults.map((fault) => `${fault.rule} ${fault.path.join('.')}`)).toEqual([
      `${rule} ${place}`,
    ])
    if (!rule.startsWith('expr')) expect(source).toBeUndefined()
  })

  it.each([
    [{}, ['cache/ttl-exceeds-exp account']],
    [{ exp: { after: 60 } }, ['cache/ttl-exceeds-exp exp']],
    [{ exp: 61 }, []],
  ])(
    'whose tokens live for a minute, with %j and a ttl of 61 is reported as %j',
    async (block, expected) => {
      const { source, faults } = await compiled(block, { ttl: 60 }, { ttl: 61 })
      source?.close()
      expect(faults.map(({ rule, path }) => `${rule} ${path.join('.')}`)).toEqual(expected)
    },
  )

  it('that was meant is suggested, and all are listed', async () => {
    const { faults } = await compiled({ account: 'epr', exp: 1 })
    expect(faults[0]).toMatchObject({ hint: 'did you mean erp? accounts: erp' })
    const alone = await compileJwt({ ...NONE, account: 'erp', exp: 1 })
    expect(alone.faults[0]?.hint).toMatch(/accounts: of the gateway file/)
  })

  it('whose keys were refused is not reported again', async () => {
    const { source, faults } = await compiled({ exp: 60 }, { keys: undefined })
    expect([source, faults]).toEqual([undefined, []])
    expect((await compiled({}, { keys: undefined })).faults).toEqual([])
  })
})

describe('what no request can mend', () => {
  const account = { ttl: 60, issuer: 'erp' }

  it.each<[object, string]>([
    [{ sub: '#[account.none]' }, 'claim/missing sub'],
    [{ sub: 'a-#[account.none]' }, 'claim/missing sub'],
    [{ sub: '#[account.number]' }, 'claim/type sub'],
    [{ exp: '#[account.id]' }, 'claim/type exp'],
    [{ sub: '#[$number(account.id)]' }, 'expr/failed sub'],
    [
      { customClaims: [{ name: '/a/#[account.none]', value: 1 }] },
      'claim/missing customClaims.0.value',
    ],
    [
      { customHeaders: [{ name: 'x', value: ['#[key.thumb]'] }] },
      'claim/missing customHeaders.0.value',
    ],
    [
      { customClaims: [{ name: 'x', value: '#[$number("x")]' }] },
      'expr/failed customClaims.0.value',
    ],
  ])('is found at load: %j', async (block, fault) => {
    const keys = await ring({ id: 'x', number: 7 })
    const { faults } = await compiled(block, { ...account, keys })
    expect(faults.map(({ rule, path }) => `${rule} ${path.join('.')}`)).toEqual([fault])
  })

  it.each([
    { sub: '#[payload.user & account.none]' },
    { sub: '#[vars.none]' },
    { sub: '#[$random() < 2 ? account.none : 1]' },
    { customClaims: [{ name: 'x', value: '#[account.none]', onMissing: 'omit' }] },
  ])('is not guessed of %j', async (block) => {
    expect((await compiled(block, account)).faults).toEqual([])
  })
})
