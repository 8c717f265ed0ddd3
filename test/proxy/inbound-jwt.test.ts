import { type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { hmacSecret } from '../support/keys.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'
import { hostileTokens } from '../unit/authenticate/jwt/hostile-tokens.ts'
import {
  CLAIMS,
  COMMON,
  CONFIGS,
  claims,
  hs256,
  ISSUER,
  JWKS,
  jws,
  NOW,
  VARIABLES,
} from '../unit/authenticate/jwt/inbound-token.ts'

const OWN_SECRET = hmacSecret()
const NAMES = Object.keys(CONFIGS)

const POLICY = `
name: signed
when: "#[$exists(authentication.principal)]"
jwt:
  signingMethod: HS256
  privateKey: { env: OWN_SECRET }
  exp: 300
  sub: "#[authentication.principal]"
  customClaims:
    - { name: roles, value: "#[authentication.roles]", onMissing: omit }
    - { name: type, value: "#[authentication.userType]", onMissing: omit }
    - { name: tenant, value: "#[authentication.properties.claims.tenant]", onMissing: omit }
inject: { location: header, name: x-user }
`

let upstream: RecordingUpstream
let proxy: TestProxy

beforeAll(async () => {
  upstream = await recordingUpstream()
  const route = (name: string, authenticate: readonly string[], more: object = {}) => {
    return { name, match: { path: `/${name}` }, upstream: upstream.url, authenticate, ...more }
  }
  const partner = { ...COMMON, ...CONFIGS.rs, issuer: 'https://partner.example.com' }
  const roles = { rolesField: 'roles', defaultUserType: 'Reader', initialRoles: ['viewer'] }
  const gateway = {
    routes: [
      ...NAMES.map((name) => route(name, [name])),
      route('open', ['hs', 'anonymous'], { unmatched: 'forward' }),
      route('both', ['hs', 'partner']),
      route('kept', ['kept']),
      route('admins', ['hs', 'anonymous'], { allow: "#['admin' in authentication.roles]" }),
    ],
    authenticators: {
      ...Object.fromEntries(
        Object.entries(CONFIGS).map(([name, config]) => {
          return [name, { jwt: { ...COMMON, ...config, ...roles } }]
        }),
      ),
      partner: { jwt: partner },
      kept: { forwardCredential: true, jwt: { ...COMMON, ...CONFIGS.hs } },
    },
  }
  proxy = await startProxy({
    policies: POLICY,
    gateway: JSON.stringify(gateway),
    files: { 'jwks.json': JWKS },
    variables: { ...VARIABLES, OWN_SECRET },
    environment: { ...systemEnvironment(), now: () => NOW * 1000 },
  })
})

afterAll(async () => {
  await proxy.close()
  await upstream.close()
})

async function send(path: string, fields: string) {
  const before = upstream.requests().length
  const reply = await rawRequest(
    proxy.port,
    `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}Connection: close\r\n\r\n`,
  )
  return { reply, seen: upstream.requests().slice(before) }
}

const bearer = (token: string) => `Authorization: Bearer ${token}\r\n`

/** What the policy's token says to the upstream. */
function toldTo(seen: readonly { values(name: string): readonly string[] }[]) {
  const [token = ''] = seen[0]?.values('x-user') ?? []
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

// a space at the end is no part of a field's value
const texts = hostileTokens.filter(({ token }) => !token.endsWith(' '))
const sendable = texts.filter(({ token }) => /^[ -~]{0,14000}$/.test(token))

describe('a route that asks for a token', () => {
  it('forwards who the caller is, and not its token', async () => {
    const token = await new SignJWT({ ...CLAIMS, tenant: 'acme' } as unknown as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid: 'rsa-1' })
      .sign(ISSUER.rsa.privateKey)
    const { reply, seen } = await send('/jwks', bearer(token))
    expect(reply.status).toBe(200)
    expect(toldTo(seen)).toMatchObject({
      sub: 'ann',
      tenant: 'acme',
      type: 'Reader',
      roles: ['viewer'],
    })
    expect(seen[0]?.bytes.toString()).not.toContain(token)
    expect(seen[0]?.values('authorization')).toEqual([])
  })

  it.each(sendable)(
    'refuses $title, and the upstream hears nothing',
    async ({ token, by = 'hs', reason }) => {
      const { reply, seen } = await send(`/${by}`, bearer(token))
      expect(reply.status).toBe(401)
      expect(reply.text).toMatch(
        /\r\nwww-authenticate: Bearer realm="\w+", error="invalid_token"\r\n/i,
      )
      expect(reply.text).toContain('"auth/invalid"')
      expect(reply.text).not.toContain(`"${reason}"`)
      expect(seen).toEqual([])
    },
  )

  it('heard nothing at all of the hostile tokens', () => {
    expect(sendable.length).toBeGreaterThanOrEqual(60)
    expect(upstream.leftovers()).toEqual([])
  })

  it.each(texts.filter((text) => !sendable.includes(text)))(
    'T104 refuses $title in one way or another',
    async ({ token }) => {
      const { reply, seen } = await send('/hs', bearer(token))
      expect([400, 401, 431]).toContain(reply.status)
      expect(seen).toEqual([])
    },
  )

  it.each([
    ['no credential', '', 'Bearer realm="hs"'],
    ['another scheme', 'Authorization: Basic YTpi\r\n', 'Bearer realm="hs"'],
  ])('asks for one when there is %s', async (_what, fields, challenge) => {
    const { reply, seen } = await send('/hs', fields)
    expect(reply.status).toBe(401)
    expect(reply.text.toLowerCase()).toContain(`www-authenticate: ${challenge}\r\n`.toLowerCase())
    expect(seen).toEqual([])
  })

  it('T014 refuses two tokens, both good', async () => {
    const token = jws({ alg: 'HS256' }, claims())
    const { reply, seen } = await send('/hs', bearer(token) + bearer(token))
    expect(reply.status).toBe(401)
    expect(seen).toEqual([])
  })

  it.each(['Connection: authorization', 'Connection: close, Authorization'])(
    'T001 is not talked out of it by %s',
    async (field) => {
      const token = jws({ alg: 'HS256' }, claims())
      const { reply, seen } = await send('/open', `${field}\r\n${bearer(token)}`)
      expect(reply.status).toBe(400)
      expect(seen).toEqual([])
    },
  )
})

describe('a route that lets anonymous callers in', () => {
  it('takes the caller that its token names', async () => {
    const { seen } = await send('/open', bearer(jws({ alg: 'HS256' }, claims({ roles: 'ops' }))))
    expect(toldTo(seen)).toMatchObject({ sub: 'ann', roles: ['ops'] })
    expect(toldTo(seen)).not.toHaveProperty('type')
  })

  it.each([
    ['wrong', jws({ alg: 'HS256' }, claims(), hs256('x'))],
    ['of another issuer', jws({ alg: 'HS256' }, claims({ iss: 'https://other.example.com' }))],
    ['empty', ''],
  ])('takes nobody for anonymous whose token is %s', async (_what, token) => {
    const { reply, seen } = await send('/open', bearer(token))
    expect(reply.status).toBe(401)
    expect(seen).toEqual([])
  })

  it('T013 takes credentials off that nobody asks for', async () => {
    const { seen } = await send(
      '/open',
      'Authorization: Basic YTpi\r\nAuthorization_: Basic YTpi\r\n',
    )
    expect(seen[0]?.values('x-user')).toEqual([])
    expect(seen[0]?.bytes.toString()).not.toContain('YTpi')
  })
})

describe('a route with two issuers', () => {
  it('takes the tokens of either', async () => {
    const token = await new SignJWT({
      ...CLAIMS,
      iss: 'https://partner.example.com',
      loginname: 'bob',
    } as unknown as JWTPayload)
      .setProtectedHeader({ alg: 'PS256' })
      .sign(ISSUER.rsa.privateKey)
    expect(toldTo((await send('/both', bearer(token))).seen)).toMatchObject({ sub: 'bob' })
    const own = await send('/both', bearer(jws({ alg: 'HS256' }, claims())))
    expect(toldTo(own.seen)).toMatchObject({ sub: 'ann' })
  })
})

describe('a route with allow', () => {
  it.each([
    ['an administrator', bearer(jws({ alg: 'HS256' }, claims({ roles: ['admin'] }))), 200],
    ['another caller', bearer(jws({ alg: 'HS256' }, claims({ roles: ['ops'] }))), 403],
    ['nobody', '', 401],
  ])('answers %s as it says', async (_who, fields, status) => {
    const { reply, seen } = await send('/admins', fields)
    expect(reply.status).toBe(status)
    expect(seen).toHaveLength(status === 200 ? 1 : 0)
    expect(/\r\nwww-authenticate: /i.test(reply.text)).toBe(status === 401)
  })
})

describe('forwardCredential', () => {
  it('T013 lets the token go on', async () => {
    const token = jws({ alg: 'HS256' }, claims())
    const { seen } = await send('/kept', bearer(token))
    expect(seen[0]?.values('authorization')).toEqual([`Bearer ${token}`])
  })
})

describe('the log', () => {
  it('says why and by whom, and nothing of a token', async () => {
    const hostile = hostileTokens.find(({ field }) => field === 'loginname')
    await send('/hs', bearer(hostile?.token ?? ''))
    const lines = proxy
      .log()
      .split('\n')
      .filter((line) => line.includes('loginname'))
    expect(lines.at(-1)).toContain('"missing-field"')
    expect(lines.at(-1)).toContain('"hs"')
    const [, payload = '', signature = ''] = hostile?.token.split('.') ?? []
    expect(proxy.log()).not.toContain(payload)
    expect(proxy.log()).not.toContain(signature)
  })
})
