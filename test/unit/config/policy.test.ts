import { describe, expect, it } from 'vitest'
import { createCacheChoice } from '../../../src/config/caches.ts'
import type { Diagnostic } from '../../../src/config/diagnostic.ts'
import { compilePolicy } from '../../../src/config/policy.ts'
import { policySchema } from '../../../src/config/policy-schema.ts'
import { createScope } from '../../../src/config/scope.ts'
import { parseDocuments } from '../../../src/config/yaml/document.ts'
import { mergePatches } from '../../../src/http/index.ts'
import type { Policy, PolicyResult } from '../../../src/policy.ts'
import type { RequestContext, RequestPatch } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { hmacSecret } from '../../support/keys.ts'
import { requestContext } from '../../support/request-context.ts'

const jwt = { signingMethod: 'HS256', privateKey: { env: 'KEY' }, exp: 300 }

async function compile(written: object) {
  const diagnostics: Diagnostic[] = []
  const environment = fixedEnvironment({ variables: { KEY: hmacSecret() } })
  const text = JSON.stringify({ name: 'p', jwt, ...written })
  const [document] = parseDocuments('p.yaml', text).documents
  const scope = createScope(document!, environment, diagnostics)
  const options = {
    accounts: new Map(),
    chooseCache: createCacheChoice(new Map()),
    onRenewalFailure: () => undefined,
  }
  const policy = await compilePolicy(policySchema.parse(document!.value), scope, options)
  return { policy, found: diagnostics, rules: diagnostics.map(({ rule }) => rule) }
}

async function policyOf(written: object = {}): Promise<Policy> {
  const { policy, rules } = await compile(written)
  expect(rules.filter((rule) => rule !== 'inject/query-token')).toEqual([])
  return policy!
}

async function evaluate(written: object, context = requestContext()) {
  const result = await (await policyOf(written)).evaluate(context)
  return { ...result, patch: mergePatches(result.patches) }
}

const changed = ({ setHeaders, setQuery, setCookies, setBody }: RequestPatch) =>
  [setHeaders, setQuery, setCookies].flatMap(Object.keys).length + setBody.length
const PAYLOAD = { needsBody: true, readsPayload: true }
const BODY = { needsBody: true, readsPayload: false }
const inBody = (name: string) => ({ location: 'body', name })
const withHeader = (name: string): RequestContext => requestContext({ headers: { [name]: 'old' } })

describe('a policy', () => {
  it('puts its credential behind Bearer in Authorization when inject is left out', async () => {
    const { applied, patch } = await evaluate({})
    expect(applied).toBe(true)
    expect(patch.removeHeaders).toEqual(['authorization'])
    expect(patch.setHeaders.authorization?.reveal()).toMatch(
      /^Bearer eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/,
    )
  })

  it('puts one credential in each of several places', async () => {
    const { patch } = await evaluate({
      inject: [
        { name: 'x-token' },
        { location: 'query', name: 'token' },
        { location: 'cookie', name: 'token' },
      ],
    })
    const values = [patch.setHeaders['x-token'], patch.setQuery.token, patch.setCookies.token]
    expect(new Set(values.map((value) => value?.reveal())).size).toBe(1)
  })

  it.each<[string, object, Partial<Policy>]>([
    ['has order 50 by default', {}, { name: 'p', order: 50 }],
    ['may be bound to a route', { match: { route: 'r' } }, { routes: ['r'] }],
    ['may be bound to several', { match: { route: ['r', 's'] } }, { routes: ['r', 's'] }],
    ['leaves the body alone', {}, { needsBody: false, readsPayload: false }],
    ['reads the payload for a claim', { jwt: { ...jwt, sub: '#[payload.x]' } }, PAYLOAD],
    ['reads the payload for `when`', { when: '#[payload.x = 1]' }, PAYLOAD],
    ['buffers a body it hashes', { when: "#[$bodyHash() = 'x']" }, BODY],
    ['buffers a body it writes', { inject: { location: 'body', name: '/t' } }, BODY],
    [
      'reads the payload to see whether its place is taken',
      { inject: { location: 'body', name: '/t', overwrite: 'fail' } },
      PAYLOAD,
    ],
  ])('%s', async (_what, written, expected) => {
    expect(await policyOf(written)).toMatchObject(expected)
  })

  it('names the header fields that it matches on and sets', async () => {
    const { headerNames } = await policyOf({
      match: { headers: { 'X-Env': 'prod' } },
      inject: [{ name: 'X-Token' }, { location: 'query', name: 'q' }],
    })
    expect(headerNames).toEqual(new Set(['x_token', 'x_env']))
  })

  it('gives what saveAs shows to later policies', async () => {
    const { saved, patch } = await evaluate({ saveAs: 'first', inject: { location: 'none' } })
    expect(saved).toMatchObject({
      name: 'first',
      token: { claims: { iat: 1767225600 }, header: { alg: 'HS256' }, expiresAt: 1767225900 },
    })
    expect(saved?.value.reveal()).toMatch(/^eyJ/)
    expect(JSON.stringify(saved)).not.toContain('eyJ')
    expect(changed(patch)).toBe(0)
  })
})

describe('the result for a token that is used again', () => {
  const three = (overwrite: string) => ({
    jwt: { ...jwt, sub: 'ann' },
    inject: ['x-a', 'x-b'].map((name) => ({ name, overwrite })),
  })
  const places = (result: PolicyResult | Promise<PolicyResult>) =>
    result instanceof Promise ? 'not at once' : result.places

  it('is there at once, and is the same each time', async () => {
    const policy = await policyOf(three('always'))
    await policy.evaluate(requestContext())
    const again = policy.evaluate(requestContext())
    expect(places(again)).toEqual(['header:x-a', 'header:x-b'])
    expect(policy.evaluate(requestContext())).toBe(again)
  })

  it('is another where the client has a value that stays', async () => {
    const policy = await policyOf(three('ifAbsent'))
    await policy.evaluate(requestContext())
    expect(places(policy.evaluate(requestContext()))).toEqual(['header:x-a', 'header:x-b'])
    expect(places(policy.evaluate(withHeader('x-a')))).toEqual(['header:x-b'])
    expect(places(policy.evaluate(requestContext()))).toEqual(['header:x-a', 'header:x-b'])
  })
})

describe('when', () => {
  it('true puts the credential', async () => {
    expect((await evaluate({ when: "#[attributes.method = 'GET']" })).applied).toBe(true)
  })

  it('false only removes what the client sent', async () => {
    const { applied, patch } = await evaluate({
      when: "#[attributes.method = 'POST']",
      inject: [
        { name: 'x-a' },
        { name: 'x-b', overwrite: 'fail' },
        { name: 'x-c', overwrite: 'ifAbsent' },
      ],
    })
    expect([applied, patch.removeHeaders, changed(patch)]).toEqual([false, ['x-a', 'x-b'], 0])
  })

  it.each(['#[payload.x]', '#[attributes.method]', '#[payload.x + 1]'])(
    '%s that gives no boolean refuses the request, with its place',
    async (when) => {
      const run = evaluate({ when })
      await expect(run).rejects.toMatchObject({
        code: 'expr/failed',
        place: { policy: 'p', claim: 'when', at: expect.stringMatching(/^p\.yaml:1:\d+$/) },
      })
    },
  )

  it.each<[string, string]>([
    ['#[(]', 'expr/syntax'],
    ["#['yes']", 'policy/when'],
    ['#[true] and #[true]', 'expr/single'],
  ])('%s is reported as %s', async (when, rule) => {
    const { policy, rules } = await compile({ when })
    expect([policy, rules]).toEqual([undefined, [rule]])
  })
})

describe('overwrite', () => {
  it.each<[string, string, string | number]>([
    ['always', 'x-token', 1],
    ['always', 'x-other', 1],
    ['ifAbsent', 'x-token', 0],
    ['ifAbsent', 'x-other', 1],
    ['fail', 'x-token', 'inject/occupied'],
    ['fail', 'x-other', 1],
  ])('%s with %s sent gives %s', async (overwrite, sent, expected) => {
    const run = evaluate({ inject: { name: 'x-token', overwrite } }, withHeader(sent))
    if (typeof expected === 'string') expect(await errorCode(() => run)).toBe(expected)
    else expect(changed((await run).patch)).toBe(expected)
  })

  it('ifAbsent keeps the value that the client sent, and still saves the token', async () => {
    const written = { saveAs: 't', inject: { name: 'x-token', overwrite: 'ifAbsent' } }
    const { patch, saved } = await evaluate(written, withHeader('x-token'))
    expect([patch.removeHeaders, saved?.name]).toEqual([[], 't'])
  })
})

describe('a failure', () => {
  const failing = { jwt: { ...jwt, sub: '#[attributes.headers.`x-user`]' } }

  it('refuses the request and names policy, claim and place', async () => {
    await expect(evaluate(failing)).rejects.toMatchObject({
      code: 'claim/missing',
      place: { policy: 'p', claim: 'sub', at: expect.stringMatching(/^p\.yaml:1:\d+$/) },
    })
  })

  it.each<[string, object]>([
    ['claim/missing', failing],
    ['expr/failed', { when: '#[attributes.method]' }],
    ['inject/occupied', { inject: { name: 'authorization', overwrite: 'fail' } }],
    ['token/too-large', { jwt: { ...jwt, sub: 'a'.repeat(8192) } }],
  ])(
    '%s lets pass with passThrough: told, and without what the client sent',
    async (code, written) => {
      const passing = { ...written, onFailure: 'passThrough' }
      const { applied, failure, patch } = await evaluate(passing, withHeader('authorization'))
      expect([applied, failure?.code]).toEqual([false, code])
      expect([patch.removeHeaders, changed(patch)]).toEqual([['authorization'], 0])
    },
  )
})

describe('a policy without a credential source', () => {
  const uses = { saveAs: 't', cache: {}, exposeToClient: { header: 'x-token' } }

  it.each<[string, object, string[]]>([
    ['needs none when all that it injects has a value', { inject: [{ value: 'v' }] }, []],
    ['needs one otherwise', { inject: [{ value: 'v' }, { name: 'x' }] }, ['jwt']],
    ['needs one when it injects nothing that is written', {}, ['jwt']],
    ['has nothing to save', { inject: { value: 'v' }, ...uses }, Object.keys(uses).toSorted()],
  ])('%s', (_what, written, paths) => {
    const { error } = policySchema.safeParse({ name: 'p', ...written })
    expect((error?.issues ?? []).map(({ path }) => path.join('.')).toSorted()).toEqual(paths)
  })

  it('publishes no key and can be closed', async () => {
    const policy = await policyOf({ jwt: undefined, inject: { value: 'v' } })
    expect(policy.publicKeys).toEqual([])
    expect(policy.close()).toBeUndefined()
  })
})

describe('exposeToClient', () => {
  const written = { exposeToClient: { header: 'X-Token' } }

  it('gives the credential for the caller and is warned about', async () => {
    const { policy, found } = await compile(written)
    expect(found).toMatchObject([{ severity: 'warning', rule: 'token/exposed', line: 1 }])
    const { exposed, patches } = await policy!.evaluate(requestContext())
    expect(exposed?.header).toBe('x-token')
    expect(`Bearer ${exposed?.value.reveal()}`).toBe(
      mergePatches(patches).setHeaders.authorization?.reveal(),
    )
  })

  it.each([
    ['connection'],
    ['Content_Length'],
    ['set-cookie'],
    ['Cache-Control'],
    ['CDN-Cache-Control'],
    ['location'],
    ['access-control-allow-origin'],
    ['content-range'],
  ])('in %s is an error', async (header) => {
    const { policy, rules } = await compile({ exposeToClient: { header } })
    expect([policy, rules]).toEqual([undefined, ['inject/forbidden-header']])
  })
})

describe('inject.value', () => {
  it.each<[object, string]>([
    [{ name: 'x-v', value: '#[(]' }, 'expr/syntax'],
    [{ name: 'x-v', value: '#[key.kid]' }, 'expr/unknown-root'],
    [{ name: 'x-v', value: '#[null]' }, 'claim/type'],
    [{ name: 'x-v', value: 'a\nb' }, 'claim/not-header-safe'],
    [{ location: 'cookie', name: 'c', value: 'a;b' }, 'claim/not-header-safe'],
    [{ name: 'x-v', value: 'v'.repeat(9000) }, 'token/too-large'],
  ])('%j is reported when it is read, as %s', async (inject, rule) => {
    const { policy, found } = await compile({ inject })
    expect([policy, found.map((fault) => fault.rule)]).toEqual([undefined, [rule]])
    expect(found[0]?.column).toBeGreaterThan(100)
  })

  it.each<[string, Partial<Policy>]>([
    ['#[payload.x]', PAYLOAD],
    ['#[$bodyHash()]', BODY],
    ['#[attributes.headers.`x-user`]', { headerNames: new Set(['x_v', 'x_user']) }],
  ])('%s tells what it reads', async (value, expected) => {
    const inject = { name: 'x-v', value }
    expect(await policyOf({ jwt: undefined, inject })).toMatchObject(expected)
  })

  it('makes no token where nothing needs it', async () => {
    const { trace, saved } = await evaluate({ inject: { name: 'x-v', value: 'v' } })
    expect([trace, saved]).toEqual([undefined, undefined])
  })

  it('leaves the tokens of the request to its own policy', async () => {
    const context = requestContext()
    const inject = { location: 'none' }
    const entries = [inject, { name: 'x-v', value: '#[tokens.t.value]' }]
    const { patch, saved } = await evaluate({ saveAs: 't', inject: entries }, context)
    expect(patch.setHeaders['x-v']?.reveal()).toBe(saved?.value.reveal())
    expect(context.tokens).toEqual({})
  })
})

describe('inject', () => {
  it.each<[object[], string]>([
    [[{ name: 'x-token' }, { name: 'X_Token' }], 'inject/twice'],
    [[{ location: 'none' }, { location: 'none' }], 'inject/twice'],
    [
      [
        { location: 'body', name: '/Auth' },
        { location: 'body', name: '/auth/token' },
      ],
      'inject/twice',
    ],
    [[inBody('/a'), inBody('/a/b')], 'inject/twice'],
    [[inBody('/a/b/c'), inBody('/a')], 'inject/twice'],
    [[inBody('token'), inBody('Token')], 'inject/twice'],
    [[{ name: 'a' }, { name: 'host' }], 'inject/forbidden-header'],
  ])('%j is reported as %s', async (inject, rule) => {
    expect((await compile({ inject })).rules).toEqual([rule])
  })

  it.each(['claim', 'value'])('does not change a body that a %s hashes', async (where) => {
    const hash = { name: 'h', value: '#[$bodyHash()]' }
    const written =
      where === 'claim'
        ? { jwt: { ...jwt, customClaims: [hash] }, inject: inBody('/token') }
        : { inject: [inBody('/token'), { location: 'header', ...hash }] }
    expect((await compile(written)).rules).toEqual(['inject/hashed-body'])
  })

  it.each([
    [[inBody('/a'), inBody('/ab')]],
    [[inBody('/a/b'), inBody('/a/c')]],
    [[inBody('/a'), inBody('/a~1b')]],
    [[inBody('a'), inBody('a/b')]],
  ])('%j are places of their own', async (inject) => {
    expect((await compile({ inject })).rules).toEqual([])
  })
})
