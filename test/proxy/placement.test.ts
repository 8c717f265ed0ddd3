import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/
const secret = hmacSecret()

function policy(inject: string): string {
  return `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
inject: ${inject}
`
}

/** What the upstream saw of `request`, whose body may be JSON or a form. */
async function forwarded(inject: string, request: string) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: policy(inject),
    upstream: upstream.url,
    variables: { SECRET: secret },
  })
  const reply = await rawRequest(proxy.port, request, { until: (text) => text.endsWith('ok') })
  await upstream.close()
  expect(reply.status, reply.text).toBe(200)
  expect(upstream.leftovers()).toEqual([])
  expect(upstream.requests()).toHaveLength(1)
  return upstream.requests()[0]!
}

function post(type: string, body: string): string {
  return `POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

describe('a token in a header', () => {
  it.each([
    ['{ location: header }', 'authorization', 'Bearer '],
    ['{ name: authorization, scheme: Bearer }', 'authorization', 'Bearer '],
    ['{ name: authorization, scheme: none }', 'authorization', ''],
    ['{ name: x-token }', 'x-token', ''],
    ['{ name: X-Token, scheme: "Token v1 =" }', 'x-token', 'Token v1 = '],
  ])('is sent as %s says', async (inject, name, prefix) => {
    const seen = await forwarded(
      inject.replace('{ name', '{ location: header, name'),
      'GET /a?b=1 HTTP/1.1\r\nHost: a\r\nX-Other: kept\r\n\r\n',
    )
    const [value = '', ...more] = seen.values(name)
    expect(more).toEqual([])
    expect(value.startsWith(prefix)).toBe(true)
    expect(value.slice(prefix.length)).toMatch(TOKEN)
    expect(seen.target).toBe('/a?b=1')
    expect(seen.values('x-other')).toEqual(['kept'])
    expect(seen.values('host')).toHaveLength(1)
  })

  it('T002 replaces every line that the client sent', async () => {
    const lines = ['Authorization: 1', 'authorization: 2', 'AUTHORIZATION: 3'].join('\r\n')
    const seen = await forwarded(
      '{}'.replace('{}', '{ location: header }'),
      `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`,
    )
    expect(seen.values('authorization')).toEqual([expect.stringMatching(/^Bearer /)])
  })

  it.each(['X_User', 'x.user', 'X-User_', 'X~User', 'X|User', 'X!User', 'X--User'])(
    'T003 leaves no %s beside x-user',
    async (alias) => {
      const seen = await forwarded(
        '{ location: header, name: x-user }',
        `GET / HTTP/1.1\r\nHost: a\r\n${alias}: mallory\r\nX-Username: kept\r\n\r\n`,
      )
      expect(seen.bytes.toString('latin1')).not.toContain('mallory')
      expect(seen.values('x-user')).toEqual([expect.stringMatching(TOKEN)])
      expect(seen.values('x-username')).toEqual(['kept'])
    },
  )
})

describe('a token in the query', () => {
  it.each([
    ['/a', /^\/a\?token=[\w.-]+$/],
    ['/a?b=1&c=%20+x&d', /^\/a\?b=1&c=%20\+x&d&token=[\w.-]+$/],
    ['/a?token=C&b=1', /^\/a\?b=1&token=[\w.-]+$/],
    ['/a?%74oken=C&TOKEN=D&b=1&token=E', /^\/a\?b=1&token=[\w.-]+$/],
  ])('T006 of %s is there once, ours', async (target, expected) => {
    const seen = await forwarded(
      '{ location: query, name: token }',
      `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`,
    )
    expect(seen.target).toMatch(expected)
  })
})

describe('a token in the body', () => {
  it('stands in a JSON object, and every other byte is what it was', async () => {
    const body =
      '{ "big": 12345678901234567890, "n":1.0,\n"auth" : {"token":"C","x":"\\u0041"}, "e":1E400 }'
    const seen = await forwarded(
      '{ location: body, name: /auth/token }',
      post('application/json', body),
    )
    const text = seen.body.toString()
    const [token] = /[\w-]{10,}\.[\w-]+\.[\w-]+/.exec(text) ?? []
    expect(JSON.parse(text).auth.token).toBe(token)
    expect(text).toContain('{ "big": 12345678901234567890, "n":1.0,\n"auth" : {')
    expect(text).toContain('"x":"\\u0041"')
    expect(text).toContain('"e":1E400 }')
    expect(text).not.toContain('"C"')
    expect(seen.values('content-length')).toEqual([String(seen.body.length)])
  })

  it('makes the objects on its way', async () => {
    const seen = await forwarded('{ location: body, name: /a/b/c }', post('application/json', '{}'))
    expect(JSON.parse(seen.body.toString())).toEqual({
      a: { b: { c: expect.stringMatching(TOKEN) } },
    })
  })

  it('T007 stands in a form once, and every other pair is what it was', async () => {
    const seen = await forwarded(
      '{ location: body, name: token }',
      post('application/x-www-form-urlencoded', 'a=1&token=C&token=D&a%5Bb%5D=2&x=%zz&t%6Fken=E'),
    )
    expect(seen.body.toString()).toMatch(/^a=1&a%5Bb%5D=2&x=%zz&token=[\w.-]+$/)
  })

  it('T020 turns a chunked body into one of known length', async () => {
    const seen = await forwarded(
      '{ location: body, name: /token }',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n\r\n',
    )
    expect(seen.values('transfer-encoding')).toEqual([])
    expect(seen.values('content-length')).toEqual([String(seen.body.length)])
    expect(JSON.parse(seen.body.toString())).toEqual({ a: 1, token: expect.stringMatching(TOKEN) })
  })
})

it('puts a token in a cookie, beside the cookies of the client', async () => {
  const seen = await forwarded(
    '{ location: cookie, name: token }',
    'GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; token=C; b="2"\r\n\r\n',
  )
  expect(seen.values('cookie')).toEqual([expect.stringMatching(/^a=1; b="2"; token=[\w.-]+$/)])
})

it('puts the same token in several places', async () => {
  const seen = await forwarded(
    '[{ location: header }, { location: header, name: x-token }, { location: query, name: t }, { location: cookie, name: c }, { location: body, name: /t }]',
    post('application/json', '{"a":1}'),
  )
  const token = JSON.parse(seen.body.toString()).t
  expect(token).toMatch(TOKEN)
  expect(seen.values('authorization')).toEqual([`Bearer ${token}`])
  expect(seen.values('x-token')).toEqual([token])
  expect(seen.values('cookie')).toEqual([`c=${token}`])
  expect(seen.target).toBe(`/a?t=${token}`)
})

it('forwards the request as it came when the token goes nowhere', async () => {
  const seen = await forwarded(
    '{ location: none }',
    'GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Basic own\r\n\r\n',
  )
  expect(seen.values('authorization')).toEqual(['Basic own'])
})
