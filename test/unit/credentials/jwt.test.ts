import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import type { Credential, Json, JsonObject, RequestContext } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { ecKeys } from '../../support/keys.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileJwt, secret } from './source.ts'

const NOW = 1_767_225_600
const SUBJECT = { sub: '#[attributes.headers.`x-user`]' }

interface Token {
  readonly header: JsonObject
  readonly payload: JsonObject
}

function verified({ value }: Credential, key = secret, algorithm = 'HS256'): Token {
  const verify = createVerifier({
    key,
    algorithms: [algorithm as 'HS256'],
    complete: true,
    clockTimestamp: NOW * 1000,
  })
  return verify(value.reveal()) as Token
}

async function compiled(block: object) {
  const { source, faults, environment } = await compileJwt(block)
  expect(faults).toEqual([])
  const issue = async (context = requestContext()) => await source!.issue(context)
  return { issue, environment, source: source! }
}

const from = (user: string): RequestContext => requestContext({ headers: { 'x-user': user } })
const payload = (value: unknown): RequestContext => requestContext({}, { payload: value })

describe('a JWT', () => {
  it('has the header and claims of its policy', async () => {
    const { issue } = await compiled({
      ...SUBJECT,
      iss: 'gateway',
      aud: ['#[attributes.host]', 'b'],
      jti: true,
      nbf: { offset: -2 },
      customClaims: [{ name: 'tenant', value: 'a' }],
    })
    expect(verified(await issue(from('ann')))).toMatchObject({
      header: { alg: 'HS256', typ: 'JWT' },
      payload: {
        iss: 'gateway',
        sub: 'ann',
        aud: ['localhost', 'b'],
        tenant: 'a',
        iat: NOW,
        nbf: NOW - 2,
        exp: NOW + 300,
        jti: '00000000-0000-4000-8000-000000000001',
      },
    })
  })

  it('counts its times in whole seconds, rounded down', async () => {
    const { issue, environment } = await compiled({})
    environment.advance(999)
    expect(verified(await issue()).payload).toEqual({ iat: NOW, exp: NOW + 300 })
  })

  it('is signed with an asymmetric key whose public half is told', async () => {
    const keys = ecKeys()
    const { source } = await compileJwt({ signingMethod: 'ES256' }, keys.pkcs8)
    const { header } = verified(await source!.issue(requestContext()), keys.spki, 'ES256')
    expect(source!.publicKeys).toMatchObject([{ kid: header.kid, alg: 'ES256', use: 'sig' }])
  })

  it('tells logs its algorithm, key and id, and nothing of its value', async () => {
    const { issue } = await compiled({ kid: 'k1', jti: true })
    const credential = await issue()
    expect(credential.trace).toEqual({
      alg: 'HS256',
      kid: 'k1',
      jti: '00000000-0000-4000-8000-000000000001',
      cache: 'miss',
    })
    expect(JSON.stringify(credential)).not.toContain(credential.value.reveal())
  })

  it.each<[object, unknown, string]>([
    [{ exp: '#[payload.t]' }, { t: NOW }, 'token/expired'],
    [{ iat: '#[payload.t]' }, { t: NOW - 300 }, 'token/expired'],
    [{ exp: 0, customClaims: [{ name: 'exp', value: 1 }] }, {}, 'token/expired'],
    [{ sub: '#[payload.t]' }, {}, 'claim/missing'],
    [{ sub: '#[payload.t]' }, { t: 7 }, 'claim/type'],
    [{ customHeaders: [{ name: '#[payload.t]', value: 'x' }] }, { t: 'alg' }, 'claim/duplicate'],
    [{ customClaims: [{ name: '#[payload.t]', value: 1 }] }, { t: 'iat' }, 'claim/duplicate'],
    [
      { sub: 's', customClaims: [{ name: '#[payload.t]', value: 's' }] },
      { t: 'sub' },
      'claim/duplicate',
    ],
  ])('of %j is refused for the payload %j with %s', async (block, value, code) => {
    const { issue } = await compiled(block)
    expect(await errorCode(() => issue(payload(value)))).toBe(code)
  })

  it('may take a registered claim from a custom claim that stands alone', async () => {
    const { issue } = await compiled({
      iat: false,
      exp: 0,
      customClaims: [
        { name: 'iat', value: 7 },
        { name: 'exp', value: NOW + 5 },
        { name: 'sub', value: 42, type: 'string' },
      ],
    })
    const credential = await issue()
    expect(verified(credential).payload).toEqual({ iat: 7, exp: NOW + 5, sub: '42' })
    expect(credential.expiresAt).toBe(NOW + 5)
  })
})

describe('a `jwt` block', () => {
  const custom = (name: string, value: Json = 'x') => ({ customClaims: [{ name, value }] })

  it.each<[object, string, string]>([
    [custom('iat', 1), 'claim/duplicate', 'customClaims.0.name'],
    [{ iat: true, ...custom('iat', 1) }, 'claim/duplicate', 'customClaims.0.name'],
    [custom('exp', 1), 'claim/duplicate', 'customClaims.0.name'],
    [{ nbf: 1, ...custom('nbf', 1) }, 'claim/duplicate', 'customClaims.0.name'],
    [{ jti: true, ...custom('jti') }, 'claim/duplicate', 'customClaims.0.name'],
    [{ jti: '#[$uuid()]', ...custom('jti') }, 'claim/duplicate', 'customClaims.0.name'],
    [{ iss: 'a', ...custom('iss') }, 'claim/duplicate', 'customClaims.0.name'],
    [{ sub: 'a', ...custom("#['sub']") }, 'claim/duplicate', 'customClaims.0.name'],
    [{ aud: 'a', ...custom('aud') }, 'claim/duplicate', 'customClaims.0.name'],
    [{ aud: ['a', '#[(]'] }, 'expr/syntax', 'aud.1'],
    [{ iat: { offset: -300 } }, 'claim/time', 'exp'],
    [{ privateKey: { env: 'NONE' }, sub: '#[(]' }, 'expr/syntax', 'sub'],
  ])('of %j is reported as %s at %s', async (block, rule, place) => {
    const { faults } = await compileJwt(block)
    const found = faults.map((fault) => `${fault.rule} ${fault.path.join('.')}`)
    expect(found).toContain(`${rule} ${place}`)
  })

  it.each([
    { ...custom('iat', 1), iat: false },
    { ...custom('nbf', 1), nbf: 0 },
    { ...custom('jti'), jti: false },
    { ...custom('nbf', 1) },
  ])('%j leaves the claim to the custom one', async (block) => {
    expect((await compileJwt(block)).faults).toEqual([])
  })

  it('without exp does not fit the schema', async () => {
    await expect(compileJwt({ exp: undefined })).rejects.toMatchObject({
      issues: [{ path: ['exp'] }],
    })
  })
})

describe('reuse', () => {
  const results = async (block: object, contexts: readonly RequestContext[]) => {
    const { issue } = await compiled(block)
    const credentials: Credential[] = []
    for (const context of contexts) credentials.push(await issue(context))
    return credentials.map(({ trace }) => trace?.cache)
  }

  it('gives equal requests the same token, and others their own', async () => {
    const { issue } = await compiled({ ...SUBJECT, jti: true })
    const tokens = []
    for (const user of ['ann', 'bob', 'ann']) tokens.push(await issue(from(user)))
    const [first, second, third] = tokens.map((token) => verified(token).payload)
    expect([first?.sub, second?.sub, third]).toEqual(['ann', 'bob', first])
    expect(tokens.map(({ trace }) => trace?.cache)).toEqual(['miss', 'miss', 'hit'])
  })

  it('gives one and the same credential from then on, at once', async () => {
    const { issue, source } = await compiled(SUBJECT)
    await issue(from('ann'))
    const hit = source.issue(from('ann'))
    expect(hit).not.toBeInstanceOf(Promise)
    expect(source.issue(from('ann'))).toBe(hit)
  })

  it('waits for nothing where no token is used again and the key signs at once', async () => {
    const { source } = await compiled({ ...SUBJECT, singleUse: true })
    const made = source.issue(from('ann'))
    expect(made).not.toBeInstanceOf(Promise)
    expect(verified(await made).payload.sub).toBe('ann')
  })

  it('tells callers with long names apart, and knows them again', async () => {
    const { issue } = await compiled(SUBJECT)
    const users = ['a', 'b'].map((last) => 'n'.repeat(4000) + last)
    const tokens = []
    for (const user of [...users, ...users]) tokens.push(await issue(from(user)))
    expect(tokens.map((token) => verified(token).payload.sub)).toEqual([...users, ...users])
    expect(tokens.map(({ trace }) => trace?.cache)).toEqual(['miss', 'miss', 'hit', 'hit'])
  })

  it('says in the log alone how a token was had', async () => {
    const { issue } = await compiled(SUBJECT)
    const both = await Promise.all([issue(from('ann')), issue(from('ann'))])
    const hit = await issue(from('ann'))
    expect([...both, hit].map(({ trace }) => trace?.cache)).toEqual(['miss', 'shared', 'hit'])
    for (const { trace, ...credential } of both) {
      expect(credential.value).toBe(hit.value)
      expect(credential).toEqual({ ...hit, trace: undefined })
    }
  })

  it('never gives one of many users the token of another', async () => {
    const { issue } = await compiled(SUBJECT)
    const users = Array.from({ length: 1000 }, (_, index) => `user-${(index * 7919) % 50}`)
    const subjects = await Promise.all(
      users.map(async (user) => verified(await issue(from(user))).payload.sub),
    )
    expect(subjects).toEqual(users)
  })

  it.each<[string, object, unknown, unknown]>([
    ['a separator within texts', pair, { a: 'a|b', b: 'c' }, { a: 'a', b: 'b|c' }],
    ['a number and its text', pair, { a: 1, b: 1 }, { a: '1', b: 1 }],
    ['null and missing', optional, { a: null, b: 1 }, { b: 1 }],
    ['NFC and NFD', pair, { a: 'é', b: 1 }, { a: 'e\u0301', b: 1 }],
    ['nested lists', pair, { a: [['a'], 'b'], b: 1 }, { a: ['a', ['b']], b: 1 }],
    ['a list and its item', pair, { a: ['a'], b: 1 }, { a: 'a', b: 1 }],
    ['swapped values', pair, { a: 'x', b: 'y' }, { a: 'y', b: 'x' }],
    ['a lone surrogate and its escape', pair, { a: '\ud800', b: 1 }, { a: '\\ud800', b: 1 }],
    ['the header', inHeader, { a: 'x' }, { a: 'y' }],
    ['a claim and a header', either, { a: 'x' }, { b: 'x' }],
    ['a computed time', { exp: '#[payload.t]' }, { t: NOW + 100 }, { t: NOW + 101 }],
  ])('tells %s apart', async (_what, block, one, other) => {
    const contexts = [one, other, one, other].map(payload)
    expect(await results(block, contexts)).toEqual(['miss', 'miss', 'hit', 'hit'])
  })

  it('shares a token between requests that differ in nothing that it says', async () => {
    const contexts = [from('ann'), requestContext({ method: 'POST', headers: { 'x-user': 'ann' } })]
    expect(await results(SUBJECT, contexts)).toEqual(['miss', 'hit'])
  })

  it.each<[string, object]>([
    ['is for single use', { singleUse: true }],
    ['has no expiry', { exp: 0 }],
    ['has a volatile claim', { sub: '#[$uuid()]' }],
    ['has a volatile time', { exp: '#[$nowSeconds() + 60]' }],
    ['has a volatile id', { jti: '#[$nonce()]' }],
    ['hashes the body', { sub: '#[$bodyHash()]' }],
    ['has a volatile header', { customHeaders: [{ name: 'n', value: '#[$nonce()]' }] }],
    ['names the request', { customClaims: [{ name: 'htu', value: '#[upstream.url]' }] }],
    ['has a nonce', { customClaims: [{ name: 'nonce', value: '#[attributes.method]' }] }],
  ])('does not happen to a token that %s', async (_what, block) => {
    expect(await results(block, [from('ann'), from('ann')])).toEqual(['bypass', 'bypass'])
  })

  it.each([10, 300])('ends before a token of %d seconds does', async (exp) => {
    const { issue, environment } = await compiled({ ...SUBJECT, exp })
    const first = await issue(from('ann'))
    environment.advance(exp * 1000 - 1)
    const next = await issue(from('ann'))
    expect(next.value.reveal()).not.toBe(first.value.reveal())
    expect(next.expiresAt).toBeGreaterThan(first.expiresAt ?? 0)
  })

  it('mints once for requests at the same time', async () => {
    const { issue } = await compiled({ ...SUBJECT, jti: true })
    const tokens = await Promise.all(Array.from({ length: 200 }, () => issue(from('ann'))))
    expect(new Set(tokens.map(({ value }) => value.reveal())).size).toBe(1)
  })

  it('refuses a token that expired while it was signed', async () => {
    const fixed = fixedEnvironment({ variables: { KEY: secret } })
    const hurried = {
      ...fixed,
      now() {
        fixed.advance(10_000)
        return fixed.now()
      },
    }
    const { source } = await compileJwt({ exp: 5 }, secret, hurried)
    expect(await errorCode(() => source!.issue(requestContext()))).toBe('token/expired')
  })
})

const pair = {
  customClaims: [
    { name: 'a', value: '#[payload.a]' },
    { name: 'b', value: '#[payload.b]' },
  ],
}
const optional = {
  customClaims: pair.customClaims.map((claim) => ({ ...claim, onMissing: 'omit' })),
}
const inHeader = { customHeaders: [{ name: 'a', value: '#[payload.a]' }] }
const either = {
  customClaims: [{ name: 'x', value: '#[payload.a]', onMissing: 'omit' }],
  customHeaders: [{ name: 'x', value: '#[payload.b]', onMissing: 'omit' }],
}
