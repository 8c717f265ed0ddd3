import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import express from 'express'
import { createVerifier } from 'fast-jwt'
import request from 'supertest'
import { describe, expect, it } from 'vitest'
import type { CountersignOptions } from '../../src/hosts/express.ts'
import type { Authentication } from '../../src/types.ts'
import { ecKeys, hmacSecret } from '../support/keys.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { signing } from './host.ts'

const TELLING = `
name: test
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  customClaims: [{ name: caller, value: "#[authentication]" }]
inject: { location: header, name: x-token }
`
const apiKey = hmacSecret()
const verify = createVerifier({ key: ecKeys().spki })

/** A gateway file with one route that asks for an API key, and one that asks nobody. */
async function gateway(place = '{ location: header, name: x-api-key }'): Promise<string> {
  const digest = hash('sha256', apiKey)
  const folder = await tempFolder({
    'clients.yaml': JSON.stringify([{ sha256: digest, clientId: 'c-1', principal: 'robot' }]),
  })
  return `
routes:
  - { name: asked, match: { path: /asked }, upstream: "http://127.0.0.1:1", authenticate: [machines] }
  - { name: staff, match: { path: /staff }, upstream: "http://127.0.0.1:1", allow: "#[authentication.principal = 'ann']" }
  - { name: free, upstream: "http://127.0.0.1:1" }
authenticators:
  machines: { apiKey: { in: ${place}, file: "${folder.path}/clients.yaml" } }
`
}

/** An application whose handler answers with what reached it and with the caller that the token names. */
async function application(options: CountersignOptions & { readonly gateway?: string } = {}) {
  const middleware = await signing(TELLING, options)
  const reached: string[] = []
  const app = express().use(middleware, ({ url, headers }, response) => {
    reached.push(url)
    response.json({ headers, caller: verify(String(headers['x-token'])).caller })
  })
  return { app, reached, events: middleware.events }
}

/** What a session of the application would say: never what the request says by itself. */
const byCookie = ({ headers }: IncomingMessage): Authentication | undefined =>
  headers.cookie === 'session=ann' ? { principal: 'ann', roles: ['editor'] } : undefined

describe('the authentication of the application', () => {
  it('is who calls', async () => {
    const { app } = await application({ authentication: byCookie })
    const { body } = await request(app).get('/').set('cookie', 'session=ann').expect(200)
    expect(body.caller).toEqual({ principal: 'ann', roles: ['editor'] })
  })

  it('is nobody for a request that it does not know', async () => {
    const { app } = await application({ authentication: byCookie })
    const { body } = await request(app).get('/').expect(200)
    expect(body.caller).toEqual({})
  })

  it('decides what the route allows', async () => {
    const { app, reached } = await application({
      authentication: byCookie,
      gateway: await gateway(),
    })
    await request(app).get('/staff').set('cookie', 'session=ann').expect(200)
    await request(app).get('/staff').expect(403)
    expect(reached).toEqual(['/staff'])
  })

  it('means nothing on a route that asks an authenticator', async () => {
    const { app } = await application({ authentication: byCookie, gateway: await gateway() })
    await request(app).get('/asked').set('cookie', 'session=ann').expect(401)
    const asked = request(app).get('/asked').set({ cookie: 'session=ann', 'x-api-key': apiKey })
    expect((await asked.expect(200)).body.caller).toMatchObject({ principal: 'robot' })
  })

  it('that fails refuses the request', async () => {
    const failing = () => {
      throw new Error('CANARY')
    }
    const { app, reached, events } = await application({ authentication: failing })
    const { text } = await request(app).get('/').expect(500)
    expect(text).not.toContain('CANARY')
    expect(reached).toEqual([])
    expect(events[0]?.error?.code).toBe('internal')
  })
})

it.each([
  'x-jwt-payload',
  'x-authentication',
  'x-user',
  'x-forwarded-user',
  'x-auth-request-user',
  'x-consumer-username',
  'x-remote-user',
  'x-ms-client-principal',
  'x-amzn-oidc-data',
  'x-endpoint-api-userinfo',
])('T107 does not take %s of a client for who calls', async (name) => {
  const { app } = await application({ authentication: byCookie })
  const forged = JSON.stringify({ principal: 'ann', roles: ['editor'] })
  const { body } = await request(app).get('/').set(name, forged).expect(200)
  expect(body.caller).toEqual({})
})

describe('an authenticator in front of an application', () => {
  it('recognises the caller and takes its credential off before a handler sees it', async () => {
    const { app, events } = await application({ gateway: await gateway() })
    const asked = request(app).get('/asked').set({ 'x-api-key': apiKey, X_Api_Key2: 'own' })
    const { body } = await asked.expect(200)
    expect(body.caller).toMatchObject({ scheme: 'apiKey', clientId: 'c-1' })
    expect(body.headers).not.toHaveProperty('x-api-key')
    expect(body.headers).toHaveProperty('x_api_key2')
    expect(events[0]).toMatchObject({ authenticator: 'machines', route: 'asked' })
  })

  it.each([
    ['query', `/asked?a=1&key=${apiKey}`, {}],
    ['cookie', '/asked?a=1', { cookie: `a=1; key=${apiKey}` }],
  ])('takes it off in a %s, too', async (location, target, fields) => {
    const file = await gateway(`{ location: ${location}, name: key }`)
    const { app, reached } = await application({ gateway: file })
    const { text } = await request(app).get(target).set(fields).expect(200)
    expect(text).not.toContain(apiKey)
    expect(reached).toEqual(['/asked?a=1'])
  })

  it.each([{}, { 'x-api-key': 'wrong' }])('refuses with a challenge: %j', async (fields) => {
    const { app, reached } = await application({ gateway: await gateway() })
    const { headers, body } = await request(app).get('/asked').set(fields).expect(401)
    expect(headers['www-authenticate']).toMatch(/realm="machines"/)
    expect(body).toMatchObject({ code: 'auth/invalid' })
    expect(reached).toEqual([])
  })
})
