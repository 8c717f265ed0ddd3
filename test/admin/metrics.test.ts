import supertest from 'supertest'
import { expect, it, onTestFinished } from 'vitest'
import { createManagement, type ManagementSource } from '../../src/admin/index.ts'
import { runProxy } from '../../src/cli/run-proxy.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createMetrics } from '../../src/metrics.ts'
import { hmacSecret } from '../support/keys.ts'
import { tempFolder } from '../support/temp-folder.ts'

const SOURCE: ManagementSource = {
  isReady: () => true,
  publicKeys: () => [],
  jwks: () => ({ maxAge: 300 }),
}
const ask = (source: Partial<ManagementSource> = {}) =>
  supertest(createManagement({ ...SOURCE, ...source }))

it('answers in the Prometheus text format', async () => {
  const { text } = createMetrics({ now: () => 0, version: '1', node: '0' })
  const { status, headers, text: body } = await ask({ metrics: text }).get('/metrics')
  expect({ status, body }).toEqual({ status: 200, body: await text() })
  expect(headers).toMatchObject({
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
})

it('answers only GET and HEAD', async () => {
  const metrics = async () => '# nothing\n'
  const { status } = await ask({ metrics }).post('/metrics')
  expect(status).toBe(404)
})

it('tells nothing of a fault inside', async () => {
  const metrics = () => Promise.reject(new Error('the inside of it'))
  const { status, text } = await ask({ metrics }).get('/metrics')
  expect({ status, text }).toEqual({ status: 500, text: 'internal error\n' })
})

it('is not there for a source without metrics', async () => {
  expect((await ask().get('/metrics')).status).toBe(404)
})

it('tells of a running proxy what it serves and answered', async () => {
  const folder = await tempFolder({
    'policies/a.yaml':
      'name: a\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: "#[attributes.headers.`x-user`]" }\n',
    'policies/b.yaml': 'name: b\nenabled: false\ninject: { value: x }\n',
  })
  const secret = hmacSecret()
  const address = { host: '127.0.0.1', port: 0 }
  const proxy = await runProxy({
    policies: `${folder.path}/policies`,
    upstream: 'http://127.0.0.1:1',
    listen: address,
    management: address,
    admin: 'off',
    watch: false,
    environment: {
      ...systemEnvironment(),
      variable: (name) => (name === 'SECRET' ? secret : undefined),
    },
    observe: () => {},
  })
  onTestFinished(() => proxy.close())
  expect((await fetch(new URL('/orders', proxy.url))).status).toBe(422)
  const text = await (await fetch(new URL('/metrics', proxy.managementUrl))).text()
  expect(text).toContain('countersign_policies{state="enabled"} 1\n')
  expect(text).toContain('countersign_policies{state="disabled"} 1\n')
  expect(text).toContain('countersign_config_generation 1\n')
  expect(text).toMatch(/^countersign_build_info{version="\d+\.\d+\.\d+",node=/m)
  expect(text).toContain(
    'countersign_requests_total{policy="a",code_class="4xx",outcome="refused"} 1\n',
  )
})
