import supertest from 'supertest'
import { describe, expect, it } from 'vitest'
import { type AdminSource, createAdmin, policySummaries } from '../../src/admin/index.ts'
import { clientSettings } from '../../src/config/limits.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createGateway } from '../../src/gateway.ts'
import type { Policy } from '../../src/policy.ts'

const POLICY: Policy = {
  name: 'hello',
  order: 50,
  needsBody: false,
  readsPayload: false,
  headerNames: new Set(['authorization']),
  publicKeys: [],
  criteria: {},
  evaluate: () => Promise.reject(new Error('not asked')),
  close: () => undefined,
}
const gateway = createGateway(
  {
    routes: [],
    policies: [POLICY, { ...POLICY, name: 'orders', routes: ['orders'] }],
    disabled: [{ name: 'later', order: 90 }],
    vars: { region: 'eu' },
    bodyLimit: 1024,
    jwks: { overlap: 0, maxAge: 0 },
    ...clientSettings({}),
  },
  systemEnvironment(),
)
const policies = () => policySummaries(gateway.compiled)
const ask = (reload: AdminSource['reload'] = async () => true) =>
  supertest(createAdmin({ policies, reload }))

describe('the admin listener', () => {
  it('T066 lists policies by name, order and routes, disabled ones too, and nothing else', async () => {
    const { status, body } = await ask().get('/api/v1/policies')
    expect(status).toBe(200)
    expect(body).toEqual([
      { name: 'hello', enabled: true, order: 50 },
      { name: 'orders', enabled: true, order: 50, routes: ['orders'] },
      { name: 'later', enabled: false, order: 90 },
    ])
  })

  it('reads the files again when told to', async () => {
    let count = 0
    const { status } = await ask(async () => {
      count += 1
      return true
    }).post('/-/reload')
    expect({ status, count }).toEqual({ status: 204, count: 1 })
  })

  it('says when the files were refused', async () => {
    const { status, text } = await ask(async () => false).post('/-/reload')
    expect({ status, text }).toEqual({ status: 409, text: 'refused: see the log\n' })
  })

  it('says why, a line each', async () => {
    const refusals = () => ['p.yaml:1:1: error[a] one', 'p.yaml:2:1: error[b] two']
    const admin = createAdmin({ policies, reload: async () => false, refusals })
    const { status, text } = await supertest(admin).post('/-/reload')
    expect({ status, text }).toEqual({ status: 409, text: `${refusals().join('\n')}\n` })
  })

  it('does not tell why a reload broke', async () => {
    const { status, text } = await ask(() => Promise.reject(new Error('inside'))).post('/-/reload')
    expect({ status, text }).toEqual({ status: 500, text: 'internal error\n' })
  })

  it('does not reload on GET', async () => {
    expect((await ask().get('/-/reload')).status).toBe(404)
  })

  it.each([
    { origin: 'http://evil.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'rebound.evil.test' },
    { host: 'rebound.evil.test:9091' },
    { host: '127.0.0.1.evil.test' },
  ])('refuses a web page that sends %j', async (headers) => {
    let reloaded = false
    const reload = async () => {
      reloaded = true
      return true
    }
    expect((await ask(reload).post('/-/reload').set(headers)).status).toBe(403)
    expect((await ask().get('/api/v1/policies').set(headers)).status).toBe(403)
    expect(reloaded).toBe(false)
  })

  it.each(['127.0.0.1:9091', 'localhost', '[::1]:9091'])('answers as %s', async (host) => {
    expect((await ask().get('/api/v1/policies').set({ host })).status).toBe(200)
  })
})
