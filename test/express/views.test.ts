import type { IncomingMessage } from 'node:http'
import express, { type Express, type Request } from 'express'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import type { Countersign } from '../../src/hosts/express.ts'
import { ecKeys } from '../support/keys.ts'
import { rawRequest } from '../support/raw-client.ts'
import { AT, policyAt, serve, signing } from './host.ts'

/** Everything of a message that a handler may look at, as one text. */
function views(message: IncomingMessage | Request): Record<string, unknown> {
  const { url, headers, headersDistinct, rawHeaders } = message
  const { originalUrl, query } = message as Request
  return { url, originalUrl, query, headers, headersDistinct, rawHeaders }
}

/** An application that answers with what its handlers see. */
function mirror(use: (app: Express) => void): Express {
  const app = express()
  use(app)
  app.use((request, response) => void response.json(views(request)))
  return app
}

async function seen(port: number, target: string, lines: readonly string[]) {
  const head = [`GET ${target} HTTP/1.1`, 'Host: a', 'X-User: ann', 'Connection: close', ...lines]
  const reply = await rawRequest(port, `${head.join('\r\n')}\r\n\r\n`)
  expect(reply.status, reply.text).toBe(200)
  return JSON.parse(reply.text.slice(reply.text.indexOf('\r\n\r\n')))
}

const attacks = [
  ['header', '/orders', ['Authorization: Bearer CLIENT']],
  [
    'header',
    '/orders',
    ['AUTHORIZATION: CLIENT', 'authorization: CLIENT', 'Authorization_: CLIENT'],
  ],
  ['query', '/orders?a=1&token=CLIENT&b=%20', []],
  ['query', '/orders?TOKEN=CLIENT&%74oken=CLIENT&token[]=CLIENT&token', []],
  ['cookie', '/orders', ['Cookie: a=b; token=CLIENT; c=d', 'Cookie: TOKEN=CLIENT']],
] as const

describe.each([
  ['at the root', (app: Express, handler: Countersign) => app.use(handler)],
  ['at a sub path', (app: Express, handler: Countersign) => app.use('/orders', handler)],
  ['on a route', (app: Express, handler: Countersign) => app.all('/orders', handler)],
  [
    'in a router',
    (app: Express, handler: Countersign) => app.use(express.Router().use('/orders', handler)),
  ],
] as const)('mounted %s', (_name, mount) => {
  it.each(attacks)('leaves no client value in a %s of %s %j', async (place, target, lines) => {
    const middleware = await signing(AT[place])
    const port = await serve(mirror((app) => mount(app, middleware)))
    const view = await seen(port, target, lines)
    expect(JSON.stringify(view)).not.toContain('CLIENT')
    const verify = createVerifier({ key: ecKeys().spki })
    const value = {
      header: () => view.headers.authorization.slice('Bearer '.length),
      query: () => view.query.token,
      cookie: () => /token=([^;]+)$/.exec(view.headers.cookie)?.[1],
    }[place]
    expect(verify(value() as string)).toMatchObject({ sub: 'ann' })
  })
})

it('shows plain node:http handlers the same', async () => {
  const middleware = await signing(AT.query)
  const port = await serve((message, response) =>
    middleware(message, response, () => response.end(JSON.stringify(views(message)))),
  )
  const view = await seen(port, '/orders?token=CLIENT&a=1', [])
  expect(view.url).toMatch(/^\/orders\?a=1&token=eyJ[^&]+$/)
  expect(view).not.toHaveProperty('originalUrl')
})

it('matches the full path as received, wherever it is mounted', async () => {
  const policy = policyAt('{ location: header, name: x-jwt }', 'match: { path: /api/orders }')
  const middleware = await signing(policy)
  const port = await serve(mirror((app) => app.use('/api', middleware)))
  expect((await seen(port, '/api/orders/7', [])).headers).toHaveProperty('x-jwt')
  const reply = await rawRequest(port, 'GET /api/other HTTP/1.1\r\nHost: a\r\n\r\n', {
    until: (all) => all.includes('"code"'),
  })
  expect(reply.text).toContain('"code":"route/none"')
  expect(middleware.events.map(({ path }) => path)).toEqual(['/api/orders/7', '/api/other'])
})

it('keeps repeated header lines, and joins them as node:http does', async () => {
  const middleware = await signing(AT.header)
  const port = await serve(mirror((app) => app.use(middleware)))
  const lines = ['X-Role: a', 'X-Role: b', 'User-Agent: c', 'User-Agent: d']
  const view = await seen(port, '/', [...lines, 'Cookie: e=1', 'Cookie: f=2'])
  expect(view.headers).toMatchObject({ 'x-role': 'a, b', 'user-agent': 'c', cookie: 'e=1; f=2' })
  expect(view.headersDistinct['user-agent']).toEqual(['c', 'd'])
})

it.each([
  ['cookies', 'cookie', 'before cookie parsers'],
  ['query', 'query', 'before query parsers'],
] as const)('refuses with internal when %s were parsed before it', async (view, place, advice) => {
  const middleware = await signing(AT[place])
  const app = express()
  app.use((request, _response, next) => {
    Object.defineProperty(request, view, { value: { token: 'CLIENT' } })
    next()
  })
  app.use(middleware, () => expect.unreachable())
  const reply = await rawRequest(
    await serve(app),
    'GET / HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n\r\n',
    {
      until: (all) => all.includes('"code"'),
    },
  )
  expect(reply.status).toBe(500)
  expect(middleware.events[0]?.error?.message).toContain(advice)
})
