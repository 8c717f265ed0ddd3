import express from 'express'
import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { createManagement, type ManagementSource, management } from '../../src/admin/index.ts'
import { ecKeys } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { rawRequest } from '../support/raw-client.ts'

const keys = ecKeys()
const SOURCE: ManagementSource = {
  isReady: () => true,
  publicKeys: () => [{ ...keys.publicJwk, kid: 'one', alg: 'ES256' } as never],
  jwks: () => ({ maxAge: 300 }),
  configuration: () => ({ generation: 3, loadedAt: Date.UTC(2026, 0, 1), degraded: false }),
}
const ask = (source: Partial<ManagementSource> = {}) =>
  supertest(createManagement({ ...SOURCE, ...source }))

describe('health', () => {
  it.each(['/livez', '/healthz'])(
    '%s is ok while the process answers, ready or not',
    async (path) => {
      const { status, text, headers } = await ask({ isReady: () => false }).get(path)
      expect({ status, text }).toEqual({ status: 200, text: 'ok\n' })
      expect(headers['cache-control']).toBe('no-store')
    },
  )

  it.each([
    { ready: true, status: 200, text: 'ready\n' },
    { ready: false, status: 503, text: 'not ready\n' },
  ])('/readyz is $status when ready is $ready', async ({ ready, status, text }) => {
    const answer = await ask({ isReady: () => ready }).get('/readyz')
    expect({ status: answer.status, text: answer.text }).toEqual({ status, text })
  })

  it('/readyz?verbose gives a reason a check', async () => {
    const { status, body } = await ask().get('/readyz?verbose')
    expect(status).toBe(200)
    expect(body).toEqual({
      ready: true,
      degraded: false,
      generation: 3,
      loadedAt: '2026-01-01T00:00:00.000Z',
      checks: [
        { name: 'proxy', ok: true, reason: 'requests are accepted' },
        { name: 'configuration', ok: true, reason: 'generation 3 serves' },
      ],
    })
  })

  it('R4 stays ready, but degraded, after a refused reload, and says since when and why', async () => {
    const refusals = Array.from(
      { length: 30 },
      (_, line) => `p.yaml:${line}:1: error[schema/type] no`,
    )
    const state = { generation: 3, loadedAt: 0, age: 61_999, degraded: true, refusals }
    const { status, body } = await ask({ configuration: () => state }).get('/readyz?verbose')
    expect(status).toBe(200)
    expect(body).toMatchObject({ ready: true, degraded: true, generation: 3, age: 61 })
    expect(body.refusals).toEqual(refusals.slice(0, 20))
    expect(body.checks[1]).toMatchObject({ ok: false, reason: expect.stringContaining('refused') })
  })

  it('says with 503 which check is not ok', async () => {
    const { status, body } = await ask({ isReady: () => false }).get('/readyz?verbose')
    expect(status).toBe(503)
    expect(body.checks[0]).toEqual({ name: 'proxy', ok: false, reason: 'starting or draining' })
  })
})

describe('in an application', () => {
  const app = express()
    .use(management(SOURCE))
    .get('/own', (_request, response) => void response.send('own'))

  it('changes nothing on the answers of other routes', async () => {
    const plain = express().get('/own', (_request, response) => void response.send('own'))
    const [{ headers }, { headers: expected }] = await Promise.all([
      supertest(app).get('/own'),
      supertest(plain).get('/own'),
    ])
    expect(Object.keys(headers).sort()).toEqual(Object.keys(expected).sort())
  })

  it.each(['/livez', '/healthz', '/readyz', '/.well-known/jwks.json'])(
    'protects its own route %s',
    async (path) => {
      expect((await supertest(app).get(path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'self'"),
      })
    },
  )
})

describe('T062 what the management listener does not tell', () => {
  it('is which software it is', async () => {
    const { headers } = await ask().get('/livez')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' })
  })

  it.each(['/', '/metrics', '/%zz', '/readyz/%ff', '/.well-known/jwks.json/x'])(
    'GET %s is answered with a fixed text',
    async (path) => {
      const { status, text } = await ask().get(path)
      expect({ status, text }).toEqual({ status: 404, text: 'not found\n' })
    },
  )

  it('POST is not answered by what GET finds', async () => {
    expect((await ask().post('/.well-known/jwks.json')).status).toBe(404)
  })

  it('is the stack of a fault', async () => {
    const broken = () => {
      throw new Error('the inside of it')
    }
    const { status, text } = await ask({ publicKeys: broken }).get('/.well-known/jwks.json')
    expect({ status, text }).toEqual({ status: 500, text: 'internal error\n' })
  })

  it('is the stack for a target that is no path', async () => {
    const port = await listening(createManagement(SOURCE))
    for (const target of ['http://[/livez', '//[', '*']) {
      const { text } = await rawRequest(
        port,
        `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
      )
      expect(text).toMatch(/^HTTP\/1\.1 (?:400|404|500) /)
      expect(text).not.toMatch(/ at |\.ts|node_modules/)
    }
  })
})
