import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parsePayload } from '../../../src/http/index.ts'
import { createPlacement, placementKinds, placementSchema } from '../../../src/inject/index.ts'
import type { Fault, Path, Scope } from '../../../src/kind.ts'
import { Secret } from '../../../src/secret.ts'
import type { Placement, RequestContext, RequestHead } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { requestContext } from '../../support/request-context.ts'

interface Report extends Fault {
  readonly path: Path
}

function compile(written: object): { placement: Placement | undefined; faults: Report[] } {
  const faults: Report[] = []
  const scope: Scope = {
    environment: fixedEnvironment(),
    serving: false,
    folder: '/',
    report: (path, fault) => faults.push({ ...fault, path }),
    locate: () => 'policy.yaml:1:1',
    at: () => scope,
  }
  return { placement: createPlacement(placementSchema.parse(written), scope), faults }
}

const place = (written: object) => compile(written).placement as Placement

const context = (head: Partial<RequestHead>) => requestContext(head)

/** A context with the payload that a host makes of this body. */
function sent(body: string, contentType: string): RequestContext {
  const bytes = Buffer.from(body)
  return requestContext({}, { body: bytes, payload: parsePayload(bytes, contentType) })
}

const token = new Secret('a.b.c')

describe('header', () => {
  it.each([
    [{}, 'authorization', 'Bearer a.b.c'],
    [{ location: 'header' }, 'authorization', 'Bearer a.b.c'],
    [{ name: 'Authorization', scheme: 'DPoP' }, 'authorization', 'DPoP a.b.c'],
    [{ scheme: 'none' }, 'authorization', 'a.b.c'],
    [{ scheme: '' }, 'authorization', 'a.b.c'],
    [{ scheme: 'Token token=x,' }, 'authorization', 'Token token=x, a.b.c'],
    [{ name: 'X-Token' }, 'x-token', 'a.b.c'],
    [{ name: 'X-Token', scheme: 'Bearer' }, 'x-token', 'Bearer a.b.c'],
  ])('of %j sets %s to %s', (written, name, value) => {
    const { removeHeaders, setHeaders } = place(written).put(token)
    expect(removeHeaders).toEqual([name])
    expect(setHeaders?.[name]?.reveal()).toBe(value)
  })

  it('clears without setting, and knows what the client sent', () => {
    const header = place({ name: 'X-Token' })
    expect(header.clear()).toEqual({ removeHeaders: ['x-token'] })
    expect(header.occupied(context({ headers: { 'x-token': '' } }))).toBe(true)
    expect(header.occupied(context({ headers: { 'x-tokens': 'a' } }))).toBe(false)
  })

  it('names aliases the same place', () => {
    const [one, other] = ['/Auth/token', '/auth/TOKEN'].map((name) => ({ location: 'body', name }))
    expect(place(one as object).place).toBe(place(other as object).place)
    expect(place({ name: 'X_Token' }).place).toBe(place({ name: 'x-token' }).place)
    expect(place({}).place).toBe('header:authorization')
  })

  it('joins a token that is reused with its scheme once', () => {
    const header = place({})
    const write = () => header.put(token).setHeaders?.authorization
    expect(write()).toBe(write())
    expect(header.put(new Secret('d.e.f')).setHeaders?.authorization?.reveal()).toBe('Bearer d.e.f')
  })

  it('has no scheme of its own for a value that is written out', () => {
    const { setHeaders } = place({ value: 'Basic #[tokens.a.value]' }).put(token)
    expect(setHeaders?.authorization?.reveal()).toBe('a.b.c')
  })

  it('is occupied for fail by any alias, whatever else was sent', () => {
    const headers = { accept: '*/*', x_token: 'C' }
    expect(place({ name: 'x-token', overwrite: 'fail' }).occupied(context({ headers }))).toBe(true)
  })

  it.each([
    'Host',
    'content-length',
    'Content_Length',
    'transfer-encoding',
    'connection',
    'TE',
    'content-type',
    'Content-Encoding',
    'expect',
    'Proxy-Authorization',
    'cookie',
    '--',
  ])('refuses the name %s when the file is read', (name) => {
    const { placement, faults } = compile({ name })
    expect(placement).toBeUndefined()
    expect(faults).toMatchObject([
      {
        severity: 'error',
        rule: 'inject/forbidden-header',
        path: ['name'],
        message: expect.stringContaining(`expected another field than "${name.toLowerCase()}"`),
        hint: name === 'cookie' ? 'use location: cookie' : expect.stringContaining('x-token'),
      },
    ])
  })
})

describe('query', () => {
  it('sets, clears and finds its parameter', () => {
    const query = place({ location: 'query', name: 'token' })
    const { removeQuery, setQuery } = query.put(token)
    expect(removeQuery).toEqual(['token'])
    expect(setQuery?.token).toBe(token)
    expect(query.clear()).toEqual({ removeQuery: ['token'] })
    expect(query.occupied(context({ queryParams: { token: '' } }))).toBe(true)
    expect(query.occupied(context({ queryParams: { tokens: 'a' } }))).toBe(false)
  })

  it('warns that URLs reach logs', () => {
    const { faults } = compile({ location: 'query', name: 'token' })
    expect(faults).toMatchObject([
      {
        severity: 'warning',
        rule: 'inject/query-token',
        path: ['location'],
        message: expect.stringMatching(/^expected a place other than the query/),
        hint: expect.stringContaining('header'),
      },
    ])
  })
})

describe('cookie', () => {
  const cookie = place({ location: 'cookie', name: 'token' })

  it('sets, clears and finds its cookie', () => {
    const { removeCookies, setCookies } = cookie.put(token)
    expect(removeCookies).toEqual(['token'])
    expect(setCookies?.token).toBe(token)
    expect(cookie.clear()).toEqual({ removeCookies: ['token'] })
    expect(cookie.occupied(context({ headers: { cookie: ['a=1', 'b; token=x'] } }))).toBe(true)
    expect(cookie.occupied(context({ headers: { cookie: 'tokens=1; a=token' } }))).toBe(false)
    expect(cookie.occupied(context({}))).toBe(false)
  })

  it.each(['a b', 'a;b', 'a,b', 'a"b', 'a\\b'])('refuses the value %s', async (text) => {
    expect(await errorCode(() => cookie.put(new Secret(text)))).toBe('claim/not-header-safe')
  })
})

describe('body', () => {
  const member = place({ location: 'body', name: '/auth/a~1b~0c/' })
  const field = place({ location: 'body', name: 'token' })
  const FORM = 'application/x-www-form-urlencoded; charset=utf-8'
  const JSON_TYPE = 'application/json'

  it('reads a name that begins with / as a JSON pointer', () => {
    const pointer = { kind: 'pointer', segments: ['auth', 'a/b~c', ''] }
    expect(member.needsBody).toBe(true)
    expect(member.put(token)).toEqual({
      removeBody: [pointer],
      setBody: [{ place: pointer, value: token }],
    })
    expect(member.clear()).toEqual({ removeBody: [pointer] })
  })

  it('reads any other name as a form field', () => {
    const place = { kind: 'field', name: 'token' }
    expect(field.put(token)).toEqual({ removeBody: [place], setBody: [{ place, value: token }] })
  })

  it.each([
    ['{"auth":{"token":null}}', JSON_TYPE, true],
    ['\ufeff{"auth":{"token":1}}', JSON_TYPE, true],
    ['{"auth":{"token":1}}', 'application/problem+json', true],
    ['{"auth":{}}', JSON_TYPE, false],
    ['{"auth":null}', JSON_TYPE, false],
    ['{"auth":"token"}', JSON_TYPE, false],
    ['', JSON_TYPE, false],
    ['/auth/token=1&auth=1', FORM, false],
    ['{"auth":{"token":1}}', 'text/plain', false],
  ])('knows whether the client sent a member in %j of %s', (body, type, expected) => {
    const placement = place({ location: 'body', name: '/auth/token' })
    expect(placement.occupied(sent(body, type))).toBe(expected)
  })

  it.each([
    ['a=1&tok%65n', FORM, true],
    ['a=token', FORM, false],
    ['token=1', 'text/plain', false],
    ['{"token":1}', JSON_TYPE, false],
  ])('knows whether the client sent a field in %j of %s', (body, type, expected) => {
    expect(field.occupied(sent(body, type))).toBe(expected)
  })

  it.each([
    [undefined, false],
    ['always', false],
    ['ifAbsent', true],
    ['fail', true],
  ])('with overwrite %s reads the payload: %s', (overwrite, expected) => {
    const written = { location: 'body', name: '/token', overwrite }
    expect(place(written).readsPayload).toBe(expected)
  })

  it.each(['/a~2', '/~', ''])('refuses the name %j', (name) => {
    expect(placementSchema.safeParse({ location: 'body', name }).success).toBe(false)
  })
})

describe('a value that only an alias of the place has', () => {
  const FORM = 'application/x-www-form-urlencoded'
  const header = { name: 'x-user' }
  const query = { location: 'query', name: 'token' }
  const cookie = { location: 'cookie', name: 'token' }
  const field = { location: 'body', name: 'token' }
  const member = { location: 'body', name: '/auth/token' }
  const cases: [object, RequestContext][] = [
    [header, context({ headers: { x_user: 'C' } })],
    [header, context({ headers: { 'x.user': ['C', 'D'] } })],
    [query, context({ queryParams: { Token: 'C' } })],
    [query, context({ queryParams: { 'token[]': 'C' } })],
    [query, context({ queryParams: { a: '1;token=C' } })],
    [query, context({ queryParams: { 'a;token': 'C' } })],
    [cookie, context({ headers: { cookie: 'a=1; Token=C' } })],
    [cookie, context({ headers: { cookie: 'tok%65n=C' } })],
    [cookie, context({ headers: { cookie: ['a=1', 'b=2, token=C'] } })],
    [field, sent('a=1&TOKEN=C', FORM)],
    [field, sent('a=1;token.x=C', FORM)],
    [member, sent('{"Auth":{"token":"C"}}', 'application/json')],
    [member, sent('{"auth":{},"AUTH":{"Token":null}}', 'application/json')],
  ]

  it.each(cases)('at %j occupies it for fail only', (written, request) => {
    expect(place({ ...written, overwrite: 'fail' }).occupied(request)).toBe(true)
    expect(place({ ...written, overwrite: 'ifAbsent' }).occupied(request)).toBe(false)
  })

  it.each<[object, RequestContext]>([
    [header, context({ headers: { 'x-username': 'C' } })],
    [query, context({ queryParams: { tokens: 'a;b=token', a: 'token' } })],
    [cookie, context({ headers: { cookie: 'tokens=1; a=token, b=token' } })],
    [field, sent('tokens=1&a=token', FORM)],
    [member, sent('{"auth":{"tokens":1},"token":2}', 'application/json')],
  ])('at %j is not found in other names', (written, request) => {
    expect(place({ ...written, overwrite: 'fail' }).occupied(request)).toBe(false)
  })
})

describe('none', () => {
  it('leaves the request as it is', () => {
    const none = place({ location: 'none' })
    expect([none.put(token), none.clear(), none.occupied(context({}))]).toEqual([{}, {}, false])
  })
})

describe('a place', () => {
  it.each([
    [{}, ['authorization'], 'header:authorization'],
    [{ name: 'X-My-Token' }, ['x_my_token'], 'header:x-my-token'],
    [{ name: 'x__my.token' }, ['x_my_token'], 'header:x-my-token'],
    [{ location: 'cookie', name: 'Token' }, ['cookie'], 'cookie:token'],
    [{ location: 'query', name: 'Token' }, [], 'query:token'],
    [{ location: 'body', name: '/Token' }, [], 'body:/token'],
    [{ location: 'body', name: 'Token' }, [], 'body:token'],
    [{ location: 'none' }, [], 'none'],
  ])('of %j writes the header fields %j and is %s', (written, names, expected) => {
    expect(place(written).headerNames).toEqual(names)
    expect(place(written).place).toBe(expected)
  })

  it.each([
    [{}, false],
    [{ location: 'query', name: 'token' }, false],
    [{ location: 'cookie', name: 'token' }, false],
    [{ location: 'body', name: '/token' }, true],
    [{ location: 'none' }, false],
  ])('of %j needs the body: %s', (written, needsBody) => {
    expect(place(written)).toMatchObject({ needsBody, readsPayload: false })
  })
})

describe('every placement', () => {
  const all: object[] = [
    {},
    { location: 'query', name: 'token' },
    { location: 'cookie', name: 'token' },
    { location: 'body', name: '/token' },
    { location: 'none' },
  ]

  it('is in this table', () => {
    expect(all.map((written) => placementSchema.parse(written).location).sort()).toEqual(
      Object.keys(placementKinds).sort(),
    )
  })

  it.each(all)('of %j refuses a value that is not safe or too long', async (config) => {
    const placement = place(config)
    for (const text of ['a\r\nX-Evil: 1', 'a\0b', 'é', '漢', ' a', 'a ', '', 'a\tb']) {
      const code = await errorCode(() => placement.put(new Secret(text)))
      expect([text, code]).toEqual([text, 'claim/not-header-safe'])
    }
    expect(await errorCode(() => placement.put(new Secret('a'.repeat(8192))))).toBe('none')
    expect(await errorCode(() => placement.put(new Secret('a'.repeat(8193))))).toBe(
      'token/too-large',
    )
  })

  it.each([
    [{ location: 'elsewhere' }],
    [{ name: 'a b' }],
    [{ name: '' }],
    [{ schem: 'Bearer' }],
    [{ scheme: ' Bearer' }],
    [{ scheme: 'Béarer' }],
    [{ overwrite: 'sometimes' }],
    [{ location: 'query' }],
    [{ location: 'query', name: '' }],
    [{ location: 'query', name: '\ud800' }],
    [{ location: 'query', name: 'token', scheme: 'Bearer' }],
    [{ location: 'cookie', name: 'a=b' }],
    [{ location: 'none', overwrite: 'always' }],
    [{ location: 'body', name: '\ud800' }],
    [{ value: '' }],
  ])('refuses %j and says what was expected', (written) => {
    const { error } = placementSchema.safeParse(written)
    expect(error?.issues[0]?.message).toMatch(/expected|unrecognized/i)
  })

  it('describes each of its keys to editors', () => {
    const { oneOf = [] } = z.toJSONSchema(placementSchema) as {
      oneOf?: { description?: string; properties: Record<string, { description?: string }> }[]
    }
    expect(oneOf).toHaveLength(all.length)
    for (const { description, properties } of oneOf) {
      expect(description).toMatch(/\.$/)
      for (const member of Object.values(properties)) expect(member.description).toMatch(/\.$/)
    }
  })
})
