import { describe, expect, it } from 'vitest'
import type { ErrorPlace } from '../../src/errors.ts'
import type { Authentication } from '../../src/types.ts'
import {
  AUTHENTICATORS,
  apiKey,
  basic,
  bearer,
  challenges,
  guardedProxy,
  password,
} from '../support/guarded-proxy.ts'
import { hmacSecret } from '../support/keys.ts'

const ALL = 'authenticate: [staff, machines, people, mesh, front, anonymous]'

describe('what expressions see of a caller', () => {
  it.each([
    [
      'jwt',
      () => `Authorization: ${bearer({ loginname: 'ann', roles: ['editor'], dept: 7 })}`,
      {
        scheme: 'jwt',
        principal: 'ann',
        roles: ['editor'],
        properties: { claims: expect.objectContaining({ loginname: 'ann', dept: 7 }) },
      },
    ],
    [
      'jwt without roles',
      () => `Authorization: ${bearer({ loginname: 'ann' })}`,
      {
        scheme: 'jwt',
        principal: 'ann',
        roles: ['viewer'],
        userType: 'Reader',
        properties: { claims: expect.objectContaining({ aud: 'orders' }) },
      },
    ],
    [
      'apiKey',
      () => `X-Api-Key: ${apiKey}`,
      expect.objectContaining({
        scheme: 'apiKey',
        clientId: 'c-1',
        clientName: 'Reports',
        properties: { team: 'finance' },
      }),
    ],
    ['basic', () => `Authorization: ${basic('ann')}`, { scheme: 'basic', principal: 'ann' }],
    ['trustedHeader', () => 'X-User: ann', { scheme: 'trustedHeader', principal: 'ann' }],
    ['anonymous', () => 'Accept: */*', { scheme: 'anonymous' }],
  ])('is of a fixed shape: %s', async (_kind, line, caller) => {
    const { get, callers } = await guardedProxy({ routes: { a: ALL } })
    const { status } = await get('/a', `${line()}\r\n`)
    expect(status).toBe(200)
    expect(callers()).toEqual([caller])
  })

  it('is nothing on a route that asks nobody, whatever comes', async () => {
    const { get, callers } = await guardedProxy({ routes: { a: 'unmatched: reject' } })
    const fields = `Authorization: ${bearer({ loginname: 'ann' })}\r\nX-User: ann\r\n`
    expect((await get('/a', fields)).status).toBe(200)
    expect(callers()).toEqual([{}])
  })

  it('names the authenticator in the log line', async () => {
    const { get, proxy } = await guardedProxy({ routes: { a: ALL } })
    await get('/a', `X-Api-Key: ${apiKey}\r\n`)
    await proxy.requestsOnce(1)
    const lines = proxy.log().trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      msg: 'forwarded',
      authenticator: 'machines',
    })
  })
})

describe('the first that finds its kind of credential', () => {
  const wrong = () => `Authorization: ${bearer({ loginname: 'ann' }, hmacSecret())}\r\n`

  it.each([
    [
      'decides though a later one would know the caller',
      () => `${wrong()}X-Api-Key: ${apiKey}\r\n`,
    ],
    ['refuses where anonymous comes last', wrong],
    ['refuses a password in the same field', () => `Authorization: ${basic('ann', 'x')}\r\n`],
    ['refuses an API key', () => 'X-Api-Key: x\r\n'],
  ])('%s', async (_what, fields) => {
    const { get, upstream } = await guardedProxy({ routes: { a: ALL } })
    expect((await get('/a', fields())).status).toBe(401)
    expect(upstream.connections()).toEqual([])
  })

  it('is the first in the order of the route', async () => {
    const { get, callers } = await guardedProxy({
      routes: { a: 'authenticate: [machines, staff]', b: 'authenticate: [staff, machines]' },
    })
    const fields = `Authorization: ${bearer({ loginname: 'ann' })}\r\nX-Api-Key: ${apiKey}\r\n`
    await get('/a', fields)
    await get('/b', fields)
    expect(callers()).toMatchObject([{ scheme: 'apiKey' }, { scheme: 'jwt' }])
  })

  it('may be another one of its kind for a token of another issuer', async () => {
    const partners = `
  partners: { jwt: { secret: { env: STAFF_SECRET }, algorithms: [HS256], issuer: partner, audience: orders, usernameField: sub } }
`
    const { get, callers } = await guardedProxy({
      routes: { a: 'authenticate: [staff, partners, anonymous]' },
      authenticators: AUTHENTICATORS.trimEnd() + partners,
    })
    const sent = ['https://idp.example.com', 'partner', 'nobody'].map((iss) =>
      get('/a', `Authorization: ${bearer({ iss, sub: 'bob', loginname: 'ann' })}\r\n`),
    )
    const replies = await Promise.all(sent)
    // what nobody takes is not anonymous either
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 401])
    expect(
      callers()
        .map((caller) => (caller as Authentication).principal)
        .toSorted(),
    ).toEqual(['ann', 'bob'])
  })

  it('is nobody for a token of another issuer beside a good key of another kind', async () => {
    const { get, upstream, proxy } = await guardedProxy({ routes: { a: ALL } })
    const token = `Authorization: ${bearer({ iss: 'nobody', loginname: 'ann' })}\r\n`
    expect((await get('/a', `${token}X-Api-Key: ${apiKey}\r\n`)).status).toBe(401)
    expect(upstream.connections()).toEqual([])
    await proxy.requestsOnce(1)
    const line = proxy.log().trim().split('\n').at(-1) ?? ''
    expect(JSON.parse(line)).toMatchObject({ authenticator: 'staff', reason: 'issuer' })
  })

  it('is never one that is disabled', async () => {
    const authenticators = AUTHENTICATORS.replace('machines: {', 'machines: { enabled: false,')
    const { get, callers } = await guardedProxy({ routes: { a: ALL }, authenticators })
    await get('/a', `X-Api-Key: ${apiKey}\r\n`)
    expect(callers()).toEqual([{ scheme: 'anonymous' }])
  })
})

describe('a caller that is not recognised', () => {
  it.each([
    ['authenticate: [staff]', '', [expect.stringMatching(/^Bearer(?!.*error)/)]],
    [
      'authenticate: [staff]',
      'Authorization: Bearer x.y.z\r\n',
      [expect.stringMatching(/^Bearer.*error="invalid_token"/)],
    ],
    ['authenticate: [people]', '', ['Basic realm="people", charset="UTF-8"']],
    ['authenticate: [machines]', '', ['ApiKey realm="machines"']],
    ['authenticate: [mesh]', '', ['ClientCertificate realm="mesh"']],
    ['authenticate: [stranger]', '', ['TrustedHeader realm="stranger"']],
    [
      'authenticate: [people, anonymous]',
      `Authorization: ${basic('ann', 'x')}\r\n`,
      ['Basic realm="people", charset="UTF-8"'],
    ],
    [
      'authenticate: [staff, people]',
      '',
      [expect.stringMatching(/^Bearer.*, Basic realm="people", charset="UTF-8"$/)],
    ],
  ])('gets 401 with the challenges of the route: %s, %s', async (route, fields, expected) => {
    const { get, upstream } = await guardedProxy({ routes: { a: route } })
    const { status, text } = await get('/a', fields)
    expect(status).toBe(401)
    expect(challenges(text)).toEqual(expected)
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({
      code: 'auth/invalid',
      title: 'The caller is not recognised',
    })
    expect(upstream.connections()).toEqual([])
  })

  it.each<[fields: string, place: Pick<ErrorPlace, 'authenticator' | 'reason' | 'field'>]>([
    ['', { reason: 'missing' }],
    ['X-Api-Key: x\r\n', { authenticator: 'machines', reason: 'unknown' }],
    [`Authorization: ${basic('ann', 'x')}\r\n`, { authenticator: 'people', reason: 'password' }],
    [
      `Authorization: ${bearer({ name: 'ann' })}\r\n`,
      { authenticator: 'staff', reason: 'missing-field', field: 'loginname' },
    ],
    [
      `Authorization: ${bearer({ loginname: 'ann' }, hmacSecret())}\r\n`,
      { authenticator: 'staff', reason: 'signature' },
    ],
  ])('has the reason in log and metrics alone: %#', async (fields, expected) => {
    const { get, proxy } = await guardedProxy({
      routes: { a: 'authenticate: [staff, machines, people]' },
    })
    const { text } = await get('/a', fields)
    await proxy.requestsOnce(1)
    const lines = proxy.log().trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 'warn',
      'error.type': 'auth/invalid',
      'http.response.status_code': 401,
      ...expected,
    })
    const labels = `authenticator="${expected.authenticator ?? ''}",reason="${expected.reason}"`
    expect(await proxy.metrics()).toContain(
      `countersign_authentication_failures_total{${labels}} 1\n`,
    )
    expect(text).not.toContain(expected.reason)
  })

  it('gets 503 while the keys cannot be had, and nothing is forwarded', async () => {
    const authenticators = `
  staff: { jwt: { jwksUrl: "http://127.0.0.1:1/jwks", algorithms: [ES256], usernameField: sub } }
`
    const { get, upstream, proxy } = await guardedProxy({
      routes: { a: 'authenticate: [staff, anonymous]' },
      authenticators,
    })
    // a token whose header says ES256, for which a key would be looked up
    const [, payload] = bearer({ sub: 'ann' }).split('.')
    const header = Buffer.from('{"alg":"ES256","kid":"k"}').toString('base64url')
    const token = `${header}.${payload}.${'A'.repeat(86)}`
    const { status } = await get('/a', `Authorization: Bearer ${token}\r\n`)
    expect(status).toBe(503)
    expect(upstream.connections()).toEqual([])
    const [event] = await proxy.requestsOnce(1)
    expect(event?.error).toMatchObject({
      code: 'key/unavailable',
      place: { authenticator: 'staff' },
    })
  })
})

it('T106 tells no credential, however a request ends', async () => {
  const { get, proxy, upstream } = await guardedProxy({
    routes: {
      a: 'authenticate: [staff, machines, people, front]',
      b: `authenticate: [staff, machines, people, front], allow: "#[false]"`,
    },
  })
  const signed = bearer({ loginname: 'CANARY-NAME', roles: ['CANARY-ROLE'] })
  const forged = bearer({ loginname: 'CANARY-NAME' }, hmacSecret())
  const lines = [
    `Authorization: ${signed}`,
    `Authorization: ${forged}`,
    `Authorization: ${bearer({ other: 'CANARY-NAME' })}`,
    'Authorization: Bearer CANARY.CANARY.CANARY',
    `X-Api-Key: ${apiKey}`,
    'X-Api-Key: CANARY-KEY',
    `X-Api-Key: ${apiKey}\r\nX-Api-Key: CANARY-KEY`,
    `Authorization: ${basic('ann')}`,
    `Authorization: ${basic('ann', 'CANARY-PASSWORD')}`,
    `Authorization: ${basic('CANARY-USER', 'CANARY-PASSWORD')}`,
    'X-User: CANARY-USER',
  ]
  const replies = []
  for (const path of ['/a', '/b']) {
    for (const line of lines) replies.push(await get(path, `${line}\r\n`))
  }
  const events = await proxy.requestsOnce(replies.length)
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 401, 403]))
  const told = [
    ...replies.map(({ text }) => text),
    proxy.log(),
    await proxy.metrics(),
    ...events.map(({ error }) => `${error?.message} ${error?.stack} ${error?.cause}`),
  ].join('\n')
  const basics = [basic('ann'), basic('ann', 'CANARY-PASSWORD')].map((text) => text.slice(6))
  const tokens = [signed, forged].flatMap((text) => [text.slice(7), text.split('.')[2] ?? ''])
  const hidden = ['CANARY', apiKey, password, ...basics, ...tokens]
  expect(hidden.filter((text) => told.includes(text))).toEqual([])
  const sent = upstream.connections().join('')
  const travelled = [apiKey, password, ...basics, ...tokens]
  expect(travelled.filter((text) => sent.includes(text))).toEqual([])
})
