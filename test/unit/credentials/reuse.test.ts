import { X509Certificate } from 'node:crypto'
import { createDecoder } from 'fast-jwt'
import { afterEach, describe, expect, it } from 'vitest'
import type { CacheSettings } from '../../../src/cache/index.ts'
import type { Credential, CredentialSource } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { selfSigned } from '../../support/key-certificate.ts'
import { ecKeys } from '../../support/keys.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileJwt, secret } from './source.ts'

const decode = createDecoder()
const open: CredentialSource[] = []
afterEach(() => {
  for (const source of open.splice(0)) source.close()
})

async function compiled(block: object, cache?: CacheSettings, now?: number) {
  const variables = { KEY: secret }
  const environment = fixedEnvironment(now === undefined ? { variables } : { variables, now })
  const options = cache ? { cache } : {}
  const { source, faults } = await compileJwt(block, secret, environment, options)
  if (source) open.push(source)
  const issue = async (payload: unknown = {}, members = {}) =>
    await source!.issue(requestContext({}, { payload, ...members }))
  return { source, faults, environment, issue }
}

const claimsOf = ({ value }: Credential): Record<string, unknown> => decode(value.reveal())
const how = ({ trace }: Credential) => trace?.cache
const faultsOf = (faults: readonly { rule: string; path: readonly unknown[] }[]) =>
  faults.map(({ rule, path }) => `${rule} ${path.join('.')}`)

const USER = { sub: '#[payload.user]' }
const NONCE = { customClaims: [{ name: 'nonce', value: '#[$nonce()]' }] }

describe('a written cache', () => {
  it.each<[string, object]>([
    ['a volatile claim', NONCE],
    ['a volatile header', { customHeaders: [{ name: 'n', value: '#[$uuid()]' }] }],
    ['a volatile time', { exp: '#[$nowSeconds() + 60]' }],
    ['a volatile id', { jti: '#[$uuid()]' }],
    ['a nested volatile claim', { customClaims: [{ name: '/a/b', value: ['#[$uuid()]'] }] }],
    ['a volatile name', { customClaims: [{ name: '#[$uuid()]', value: 1 }] }],
  ])('uses a token with %s again, for each caller its own', async (_what, block) => {
    const { issue, faults } = await compiled({ ...USER, ...block }, {})
    expect(faults).toEqual([])
    const [ann, bob, again] = [
      await issue({ user: 'ann' }),
      await issue({ user: 'bob' }),
      await issue({ user: 'ann' }),
    ]
    expect([ann, bob, again].map(how)).toEqual(['miss', 'miss', 'hit'])
    expect(again.value.reveal()).toBe(ann.value.reveal())
    expect([claimsOf(ann).sub, claimsOf(bob).sub]).toEqual(['ann', 'bob'])
    expect(bob.value.reveal()).not.toBe(ann.value.reveal())
  })

  it('has what is volatile evaluated when a token is made, and only then', async () => {
    const { issue, environment } = await compiled({ ...USER, ...NONCE }, {})
    let nonces = 0
    const { random } = environment
    environment.random = (length) => {
      if (length === 16) nonces += 1
      return random(length)
    }
    for (let times = 0; times < 5; times += 1) await issue({ user: 'ann' })
    expect(nonces).toBe(1)
    await issue({ user: 'bob' })
    expect(nonces).toBe(2)
  })

  it('keeps a hash of the body in the key', async () => {
    const { issue } = await compiled({ sub: '#[$bodyHash()]' }, {})
    const body = (text: string) => ({ body: Buffer.from(text) })
    const tokens = [
      await issue({}, body('a')),
      await issue({}, body('b')),
      await issue({}, body('a')),
    ]
    expect(tokens.map(how)).toEqual(['miss', 'miss', 'hit'])
  })

  it('keeps a claim that names the request in the key', async () => {
    const claim = { name: 'htu', value: '#[payload.url]' }
    const { issue } = await compiled({ customClaims: [claim] }, {})
    const tokens = [
      await issue({ url: '/a' }),
      await issue({ url: '/b' }),
      await issue({ url: '/a' }),
    ]
    expect(tokens.map(how)).toEqual(['miss', 'miss', 'hit'])
  })

  it.each<[object, string]>([
    [{ customClaims: [{ name: 'x', value: '#[$uuid() & payload.user]' }] }, 'customClaims.0.value'],
    [
      { customHeaders: [{ name: 'x', value: '#[$uuid() & payload.user]' }] },
      'customHeaders.0.value',
    ],
    [{ jti: '#[$uuid()]-#[payload.user]' }, 'jti'],
    [{ jti: '#[($l := $lookup; $uuid() & $l("payload").user)]' }, 'jti'],
    [{ exp: '#[$nowSeconds() + payload.ttl]' }, 'exp'],
  ])('is refused for %j, which callers would share', async (block, place) => {
    const { faults } = await compiled({ ...USER, ...block }, {})
    expect(faultsOf(faults)).toEqual([`cache/unshared ${place}`])
    // without a cache nobody shares it
    expect((await compiled({ ...USER, ...block })).faults).toEqual([])
  })

  it('does not have a token without exp used again, unless it has a ttl', async () => {
    const { issue } = await compiled({ ...USER, exp: 0 }, { maxEntries: 5 })
    expect([how(await issue({ user: 'a' })), how(await issue({ user: 'a' }))]).toEqual([
      'bypass',
      'bypass',
    ])
    const { issue: bounded, environment } = await compiled({ ...USER, exp: 0 }, { ttl: 60 })
    const first = await bounded({ user: 'a' })
    expect([how(first), how(await bounded({ user: 'a' }))]).toEqual(['miss', 'hit'])
    expect(claimsOf(first)).not.toHaveProperty('exp')
    environment.advance(60_000)
    expect(how(await bounded({ user: 'a' }))).toBe('miss')
  })

  it.each<[object, CacheSettings, string[]]>([
    [{ singleUse: true }, {}, ['error cache/single-use singleUse']],
    [{ singleUse: true, exp: 0 }, { ttl: 5 }, ['error cache/single-use singleUse']],
    [{ exp: 60 }, { ttl: 61 }, ['warning cache/ttl-exceeds-exp exp']],
    [{ exp: 60 }, { ttl: 60 }, []],
    [{ exp: 0 }, { ttl: 61 }, []],
    [{ exp: '#[payload.t]' }, { ttl: 61 }, []],
    [{ exp: { after: 60 } }, { ttl: 61 }, ['warning cache/ttl-exceeds-exp exp']],
    [{ exp: { after: 60, from: 'now' } }, { ttl: 60 }, []],
  ])('beside %j and %j is reported as %j', async (block, cache, expected) => {
    const { faults } = await compiled(block, cache)
    expect(faults.map(({ severity }, index) => `${severity} ${faultsOf(faults)[index]}`)).toEqual(
      expected,
    )
  })

  it('is bounded as it says', async () => {
    const { issue } = await compiled(USER, { maxEntries: 2 })
    for (const user of ['a', 'b', 'c']) await issue({ user })
    expect(how(await issue({ user: 'c' }))).toBe('hit')
    expect(how(await issue({ user: 'a' }))).toBe('miss')
  })
})

describe('minReuse', () => {
  const BEGIN = 1_767_225_600_000 // a multiple of 1,200 seconds
  const APNS = { iss: 'team', exp: 0, minReuse: 1200 }

  it('gives one token throughout its window, and another after it', async () => {
    const { issue, environment } = await compiled({ ...APNS, jti: true }, undefined, BEGIN + 7000)
    const first = await issue()
    expect(claimsOf(first)).toMatchObject({ iss: 'team', iat: BEGIN / 1000 })
    environment.advance(1_192_999)
    expect((await issue()).value.reveal()).toBe(first.value.reveal())
    environment.advance(1)
    expect(claimsOf(await issue())).toMatchObject({ iat: BEGIN / 1000 + 1200 })
  })

  it('outlasts a shorter cache.ttl, and a longer one does not outlast it', async () => {
    for (const ttl of [5, 5000]) {
      const { issue, environment } = await compiled({ ...APNS, jti: true }, { ttl }, BEGIN)
      const first = await issue()
      environment.advance(1_199_999)
      expect((await issue()).value.reveal()).toBe(first.value.reveal())
      environment.advance(1)
      expect((await issue()).value.reveal()).not.toBe(first.value.reveal())
    }
  })

  it('keeps a token for its window though it expires long after', async () => {
    const { issue, environment } = await compiled({ ...APNS, exp: 3600, nbf: 1 }, undefined, BEGIN)
    await issue()
    environment.advance(1_200_000)
    expect(claimsOf(await issue())).toEqual({
      iss: 'team',
      iat: BEGIN / 1000 + 1200,
      nbf: BEGIN / 1000 + 1201,
      exp: BEGIN / 1000 + 4800,
    })
  })

  it.each<[object, string]>([
    [{ exp: 3600 }, 'iat'],
    [{ exp: { after: 3600, from: 'now' } }, 'now'],
    [{ exp: 3600, iat: { offset: -30 }, nbf: { offset: -5 } }, 'a shifted iat'],
    [{ exp: 0 }, 'nothing'],
  ])('with %j makes replicas agree', async (block) => {
    const claimsAt = async (now: number) => {
      const { issue } = await compiled({ ...APNS, ...block }, undefined, now)
      return claimsOf(await issue())
    }
    const first = await claimsAt(BEGIN + 600_000)
    expect(await claimsAt(BEGIN + 603_000)).toEqual(first)
    expect(await claimsAt(BEGIN)).toEqual(first)
    expect(await claimsAt(BEGIN + 1_199_999)).toEqual(first)
    expect(await claimsAt(BEGIN + 1_200_000)).not.toEqual(first)
    expect(await claimsAt(BEGIN - 1)).not.toEqual(first)
  })

  it.each<[object, string[]]>([
    [{ exp: 1200 }, ['claim/time minReuse']],
    [{ exp: 1204 }, ['claim/time minReuse']],
    [{ exp: 300 }, ['claim/time minReuse']],
    [{ exp: { after: 1200, from: 'now' } }, ['claim/time minReuse']],
    [{ exp: 1260, iat: { offset: -60 } }, ['claim/time minReuse']],
    [{ exp: 1205 }, []],
    [{ exp: 1265, iat: { offset: -60 } }, []],
    [{ exp: '#[payload.t]' }, []],
  ])('with %j is reported as %j, as a token is to outlast it', async (block, expected) => {
    expect(faultsOf((await compiled({ ...APNS, ...block })).faults)).toEqual(expected)
  })

  it('is not what a token for single use can have', async () => {
    const { faults } = await compiled({ ...APNS, singleUse: true })
    expect(faultsOf(faults)).toEqual(['cache/single-use singleUse'])
  })

  it('has a volatile claim made once a window', async () => {
    const { issue } = await compiled({ ...APNS, ...NONCE }, undefined, BEGIN)
    expect((await issue()).value.reveal()).toBe((await issue()).value.reveal())
  })

  it('leaves callers their own tokens', async () => {
    const { issue } = await compiled({ ...APNS, ...USER }, undefined, BEGIN)
    expect(claimsOf(await issue({ user: 'ann' })).sub).toBe('ann')
    expect(claimsOf(await issue({ user: 'bob' })).sub).toBe('bob')
  })
})

describe('a source that is static', () => {
  it('sees nothing of the request that it was first used by', async () => {
    const sub = '#[$join($keys($$), " ")]'
    const wide = await compiled({ sub }, {})
    // it may read everything, so it is not static
    expect(claimsOf(await wide.issue({}, { body: Buffer.from('x') })).sub).toContain('attributes')
    const { issue } = await compiled({ sub: '#[vars.name]-#[key.alg]' })
    const token = await issue({}, { vars: { name: 'eu' } })
    expect(claimsOf(token).sub).toBe('eu-HS256')
  })

  it('tells other vars apart', async () => {
    const { issue } = await compiled({ sub: '#[vars.name]' })
    const [eu, us] = [
      await issue({}, { vars: { name: 'eu' } }),
      await issue({}, { vars: { name: 'us' } }),
    ]
    expect([eu, us].map((token) => claimsOf(token).sub)).toEqual(['eu', 'us'])
  })
})

describe('a token of a key with a certificate', () => {
  it('is not given out once the certificate has ended, although it is valid itself', async () => {
    const { pkcs8 } = ecKeys('P-256', 'certified')
    const certificate = await selfSigned(pkcs8)
    const end = new X509Certificate(certificate).validToDate.getTime()
    const environment = fixedEnvironment({ variables: { KEY: pkcs8 }, now: end - 60_000 })
    const block = { signingMethod: 'ES256', certificate, exp: 3600 }
    const { source, faults } = await compileJwt(block, pkcs8, environment)
    if (source) open.push(source)
    expect(faults).toEqual([])
    const cacheOf = async () => (await source!.issue(requestContext())).trace?.cache

    expect([await cacheOf(), await cacheOf()]).toEqual(['miss', 'hit'])
    environment.advance(61_000)
    expect(await errorCode(cacheOf)).toBe('key/unavailable')
  })
})

it('asks other processes for the token of the window in which it asks, and makes that one, however late', async () => {
  const environment = fixedEnvironment({ variables: { KEY: secret }, now: 599_999 })
  const asked: number[] = []
  const share = async <Token>(_key: string, until: number, make: () => Promise<Token>) => {
    asked.push(until)
    environment.advance(2)
    return await make()
  }
  const { source } = await compileJwt({ exp: 900, minReuse: 600 }, secret, environment, { share })
  open.push(source!)
  const issue = () => source!.issue(requestContext({}))
  expect(claimsOf(await issue()).iat).toBe(0)
  // the next of its kind, as the others have it
  expect(claimsOf(await issue()).iat).toBe(600)
  expect(asked).toEqual([600, 1200])
})
