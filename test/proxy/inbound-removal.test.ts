import { describe, expect, it } from 'vitest'
import {
  AUTHENTICATORS,
  apiKey,
  basic,
  bearer,
  guardedProxy,
  TELLING,
} from '../support/guarded-proxy.ts'

/** `AUTHENTICATORS` with the API key at another place. */
const keyAt = (place: string) =>
  AUTHENTICATORS.replace('{ location: header, name: x-api-key }', place)

/** What the upstream received of one request, as text. */
async function travelled(
  { fields = '', target = '/a' },
  authenticators = AUTHENTICATORS,
  { route = 'authenticate: [staff, machines, people, front, anonymous]', policies = TELLING } = {},
): Promise<{ readonly text: string; readonly target: string; readonly names: string[] }> {
  const { get, upstream } = await guardedProxy({ routes: { a: route }, authenticators, policies })
  const { status } = await get(target, fields)
  expect(status).toBe(200)
  const [seen] = upstream.requests()
  return {
    text: String(seen?.bytes),
    target: seen?.target ?? '',
    names: seen?.headers.map(([name]) => name.toLowerCase()) ?? [],
  }
}

describe('T013 the inbound credential', () => {
  it.each([
    ['a token', () => `Authorization: ${bearer({ loginname: 'ann' })}`],
    ['a password', () => `Authorization: ${basic('ann')}`],
    ['an API key', () => `X-Api-Key: ${apiKey}`],
    ['an API key in another case', () => `x-API-key: ${apiKey}`],
    ['a trusted name', () => 'X-User: ann'],
    ['what stands under an alias alone', () => 'X_Api_Key: CANARY\r\nX_User: CANARY'],
    [
      'credentials of a kind that was not asked any more',
      () => `Authorization: ${bearer({ loginname: 'ann' })}\r\nX-Api-Key: CANARY\r\nX-User: CANARY`,
    ],
    ['a scheme that nobody asks for', () => 'Authorization: Digest CANARY'],
  ])('does not travel on: %s', async (_what, line) => {
    const { names, text } = await travelled({ fields: `${line()}\r\n` })
    const gone = ['authorization', 'x-api-key', 'x_api_key', 'x-user', 'x_user']
    expect(gone.filter((name) => names.includes(name))).toEqual([])
    expect(text).not.toContain('CANARY')
  })

  it.each(['key', 'KEY', '%6bey', 'key[]'])(
    'does not travel on in the query, as %s',
    async (name) => {
      const { target } = await travelled(
        { target: `/a?x=1&${name}=CANARY&y=%20`, fields: 'X-User: ann\r\n' },
        keyAt('{ location: query, name: key }'),
        { route: 'authenticate: [front, machines]' },
      )
      expect(target).toBe('/a?x=1&y=%20')
    },
  )

  it('is found in the query and taken off there', async () => {
    const { target } = await travelled(
      { target: `/a?key=${apiKey}&x=1` },
      keyAt('{ location: query, name: key }'),
      { route: 'authenticate: [machines]' },
    )
    expect(target).toBe('/a?x=1')
  })

  it('is found among the cookies and taken off there', async () => {
    const { text } = await travelled(
      { fields: `Cookie: theme=dark; key=${apiKey}; lang=de\r\n` },
      keyAt('{ location: cookie, name: key }'),
      { route: 'authenticate: [machines]' },
    )
    expect(/^cookie: (.*)\r$/im.exec(text)?.[1]).toBe('theme=dark; lang=de')
  })

  it('travels on with forwardCredential', async () => {
    const forwarding = AUTHENTICATORS.replace('machines: {', 'machines: { forwardCredential: true,')
    const { text } = await travelled({ fields: `X-Api-Key: ${apiKey}\r\n` }, forwarding)
    expect(text).toContain(apiKey)
  })

  it('of a disabled authenticator does not travel on either', async () => {
    const disabled = AUTHENTICATORS.replace('machines: {', 'machines: { enabled: false,')
    const { text } = await travelled({ fields: `X-Api-Key: ${apiKey}\r\n` }, disabled)
    expect(text).not.toContain(apiKey)
  })

  it('is no concern of a route that asks nobody', async () => {
    const fields = `X-Api-Key: ${apiKey}\r\nAuthorization: Bearer own\r\n`
    const { text } = await travelled({ fields }, AUTHENTICATORS, { route: 'unmatched: reject' })
    expect(text).toContain(apiKey)
    expect(text).toContain('Bearer own')
  })

  it.each([
    [
      'header',
      '{ location: header, name: x-api-key }',
      { fields: `X-Api-Key: ${apiKey}\r\n` },
      /^x-api-key: \S+\r$/gim,
    ],
    [
      'query',
      '{ location: query, name: key }',
      { target: `/a?key=${apiKey}` },
      /[?&]key=[\w.-]+(?= )/g,
    ],
    [
      'cookie',
      '{ location: cookie, name: key }',
      { fields: `Cookie: a=b; key=${apiKey}\r\n` },
      /[ ;]key=[\w.-]+(?=\r)/g,
    ],
  ])('gives way to ours at the same place in a %s', async (_place, place, request, ours) => {
    const authenticators = keyAt(place)
    const policies = TELLING.replace('{ location: header, name: x-token }', place)
    const route = 'authenticate: [machines]'
    const { text } = await travelled(request, authenticators, { route, policies })
    expect(text.match(ours)).toHaveLength(1)
    expect(text).not.toContain(apiKey)
  })

  it.each([
    [
      'lets pass',
      `${TELLING.replace('exp: 300', 'exp: 300\n  sub: "#[attributes.headers.none]"')}onFailure: passThrough\n`,
    ],
    ['has nothing to do', `${TELLING}when: "#[authentication.principal = 'nobody']"\n`],
    ['does not match', `${TELLING}match: { path: /elsewhere }\n`],
  ])('does not travel on when the policy %s', async (_what, policies) => {
    const { text, names } = await travelled({ fields: `X-Api-Key: ${apiKey}\r\n` }, undefined, {
      route: 'unmatched: forward, authenticate: [machines]',
      policies,
    })
    expect(text).not.toContain(apiKey)
    expect(names).not.toContain('x-token')
  })

  it('does not travel on where a policy fills its place only when that is free', async () => {
    const policies = TELLING.replace('name: x-token', 'name: x-api-key, overwrite: ifAbsent')
    const { text } = await travelled({ fields: `X-Api-Key: ${apiKey}\r\n` }, undefined, {
      policies,
    })
    expect(text).not.toContain(apiKey)
  })
})

describe('a trusted header from a peer that may not send it', () => {
  it.each([
    ['on a route that asks for it', 'authenticate: [stranger, anonymous]'],
    ['on a route that asks somebody else', 'authenticate: [anonymous]'],
    ['on a route that asks nobody', 'unmatched: reject'],
  ])('says nothing and does not travel on: %s', async (_what, route) => {
    const { get, upstream, callers } = await guardedProxy({ routes: { a: route } })
    expect((await get('/a', 'X-Far-User: CANARY\r\nX_Far_User: CANARY\r\n')).status).toBe(200)
    expect(String(upstream.requests()[0]?.bytes)).not.toContain('CANARY')
    expect(callers()).toEqual([route.includes('anonymous') ? { scheme: 'anonymous' } : {}])
  })

  it('does not travel on with forwardCredential either', async () => {
    const authenticators = AUTHENTICATORS.replace(
      'stranger: {',
      'stranger: { forwardCredential: true,',
    )
    const { text } = await travelled({ fields: 'X-Far-User: CANARY\r\n' }, authenticators, {
      route: 'authenticate: [stranger, anonymous]',
    })
    expect(text).not.toContain('CANARY')
  })
})

describe('T001 a Connection field', () => {
  it.each(['authorization', 'x-api-key', 'X_Api_Key', 'x-user', 'cookie'])(
    'that nominates %s is refused',
    async (name) => {
      const { get, upstream, proxy } = await guardedProxy({
        routes: { a: 'authenticate: [staff, machines, front]' },
      })
      const fields = `X-Api-Key: ${apiKey}\r\nConnection: ${name}\r\n`
      expect((await get('/a', fields)).status).toBe(400)
      expect(upstream.connections()).toEqual([])
      const [event] = await proxy.requestsOnce(1)
      expect(event?.error?.code).toBe('request/connection-nominates')
    },
  )

  it('that nominates a field which allow reads is refused', async () => {
    const { get } = await guardedProxy({
      routes: { a: `allow: "#[$not($exists(attributes.headers.\`x-deny\`))]"` },
    })
    expect((await get('/a', 'X-Deny: 1\r\nConnection: x-deny\r\n')).status).toBe(400)
  })
})

const OWN = (overwrite: string, claim = 'x') => `
name: own
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  aud: "${claim}"
inject: { location: header, name: authorization, overwrite: ${overwrite} }
`

describe('a credential that is taken off', () => {
  it.each(['ifAbsent', 'fail', 'always'])(
    'is not in the way of one that is put there with overwrite: %s',
    async (overwrite) => {
      const inbound = bearer({ loginname: 'ann' })
      const { text } = await travelled(
        { fields: `Authorization: ${inbound}\r\n` },
        AUTHENTICATORS,
        {
          route: 'authenticate: [staff]',
          policies: OWN(overwrite),
        },
      )
      expect(text).not.toContain(inbound)
      expect(text).toMatch(/^authorization: Bearer ey/im)
    },
  )

  it('does not belong to the URL that expressions see as that of the upstream', async () => {
    const { text } = await travelled(
      { target: `/a?key=${apiKey}&x=1` },
      keyAt('{ location: query, name: key }'),
      { route: 'authenticate: [machines]', policies: OWN('always', '#[upstream.url]') },
    )
    const [, claims = ''] = /authorization: Bearer [^.]+\.([^.]+)/i.exec(text) ?? []
    const { aud } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(aud).toMatch(/\/a\?x=1$/)
  })
})

it('names the authenticator in the log line of a request that a policy refuses afterwards', async () => {
  const { get, proxy } = await guardedProxy({
    routes: { a: 'authenticate: [machines]' },
    policies: OWN('always', '#[attributes.headers.`x-absent`]'),
  })
  const { status } = await get('/a', `X-Api-Key: ${apiKey}\r\n`)
  expect(status).toBe(422)
  const [event] = await proxy.requestsOnce(1)
  expect(event).toMatchObject({ authenticator: 'machines' })
})

it('T013 forwards no credential that nobody examined', async () => {
  const forwarding = AUTHENTICATORS.replace(
    '  staff:\n',
    '  staff:\n    forwardCredential: true\n',
  ).replace('machines: { apiKey', 'machines: { forwardCredential: true, apiKey')
  const inbound = bearer({ loginname: 'ann' })
  const fields = `Authorization: ${inbound}\r\nX-Api-Key: FORGED\r\nX_Api_Key: FORGED\r\n`
  const { text } = await travelled({ fields }, forwarding, {
    route: 'authenticate: [staff, machines]',
  })
  expect(text).toContain(inbound)
  expect(text).not.toContain('FORGED')
})
