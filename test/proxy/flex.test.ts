import { writeFile } from 'node:fs/promises'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openGateway } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { hmacSecret } from '../support/keys.ts'
import { freePort } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'

const SECRET = hmacSecret()
const verify = createVerifier({ key: SECRET, algorithms: ['HS256'] })

const api = (upstream: string) => `
apiVersion: gateway.mulesoft.com/v1alpha1
kind: ApiInstance
metadata: { name: shop }
spec:
  address: http://127.0.0.1:8081/shop
  services:
    upstream:
      address: ${upstream}
      routes:
        - rules:
            - path: /api(/users/.*)
            - path: /plain/.*
              methods: GET
          config: { destinationPath: /v1 }
  policies:
    - policyRef: { name: jwt-generation-flex }
      config:
        signingMethod: HS256
        privateKey: $SECRET
        exp: 60
        customClaims: [{ name: sub, value: "#[attributes.headers['X-User'] default 'nobody']" }]
        customHeaders: []
      rules: [{ path: /api/.* }]
`
const BINDING = `
apiVersion: gateway.mulesoft.com/v1alpha1
kind: PolicyBinding
metadata: { name: key }
spec:
  targetRef: { name: shop }
  policyRef: { name: credential-injection-api-key-flex }
  config: { authType: apiKey, apiKey: $API_KEY, customHeader: x-key, overwrite: true }
  rules: [{ headers: { x-env: "prod|stage" } }]
`

async function serveFolder(files: Readonly<Record<string, string>>) {
  const { path } = await tempFolder(files)
  const variables: Record<string, string> = { SECRET, API_KEY: 'k-1' }
  const environment = { ...systemEnvironment(), variable: (name: string) => variables[name] }
  const observe = () => undefined
  const opened = await openGateway({ config: path, environment, observe })
  const { server, close } = createStandalone({ gateway: opened.gateway, environment, observe })
  const port = await freePort(server)
  onTestFinished(async () => {
    opened.close()
    server.closeAllConnections()
    await close()
  })
  return { opened, url: `http://127.0.0.1:${port}` }
}

describe('a folder of Flex files', () => {
  it('listens, routes, rewrites and injects as they say', async () => {
    const upstream = await recordingUpstream()
    const { opened, url } = await serveFolder({
      'api.yaml': api(upstream.url),
      'key.yaml': BINDING,
    })
    expect(opened.listeners.listen).toEqual({ host: '127.0.0.1', port: 8081 })

    const headers = {
      'x-user': 'ann',
      authorization: 'Bearer CLIENT',
      'x-env': 'prod',
      'x-key': 'x',
    }
    expect((await fetch(`${url}/shop/api/users/7?a=1`, { headers })).status).toBe(200)
    expect(
      (await fetch(`${url}/shop/plain/a`, { headers: { 'x-env': 'production' } })).status,
    ).toBe(200)
    const [signed, plain] = upstream.requests()
    expect(signed?.target).toBe('/v1/users/7?a=1')
    const [token] = signed?.values('authorization') ?? []
    expect(verify(token!.replace('Bearer ', ''))).toMatchObject({ sub: 'ann' })
    expect(signed?.values('x-key')).toEqual(['k-1'])
    // no policy applies: it is forwarded as it is, as there
    expect(plain?.target).toBe('/v1/plain/a')
    expect([plain?.values('authorization'), plain?.values('x-key')]).toEqual([[], []])
    await upstream.close()
  })

  it.each([
    '/api/users/7',
    '/shop/api/other',
    '/shopping/api/users/7',
    '/shop/plain',
    '/shop/x/api/users/1',
  ])('has no route for %s', async (target) => {
    const upstream = await recordingUpstream()
    const { url } = await serveFolder({ 'api.yaml': api(upstream.url) })
    expect((await fetch(url + target)).status).toBe(404)
    expect(upstream.requests()).toEqual([])
    await upstream.close()
  })

  it('takes a change of a file at the next reading, and keeps serving when that is wrong', async () => {
    const upstream = await recordingUpstream()
    const { path } = await tempFolder({ 'api.yaml': api(upstream.url) })
    const environment = { ...systemEnvironment(), variable: () => SECRET }
    const { gateway, reload, close } = await openGateway({
      config: path,
      environment,
      observe: () => undefined,
    })
    onTestFinished(close)
    await writeFile(`${path}/key.yaml`, BINDING)
    expect(await reload()).toBe(true)
    expect(gateway.compiled.policies.map(({ name }) => name)).toEqual([
      'key',
      'shop-jwt-generation-flex',
    ])
    await writeFile(`${path}/key.yaml`, BINDING.replace('name: shop', 'name: shp'))
    expect(await reload()).toBe(false)
    expect(gateway.compiled.policies).toHaveLength(2)
    await upstream.close()
  })
})

describe('Flex policies beside --upstream', () => {
  it('apply to every request of the one route, with a notice', async () => {
    const upstream = await recordingUpstream()
    const proxy = await startProxy({
      policies: [
        BINDING.replace('  rules: [{ headers: { x-env: "prod|stage" } }]\n', ''),
        api('http://127.0.0.1:1'),
      ],
      upstream: upstream.url,
      variables: { SECRET, API_KEY: 'k-1' },
    })
    expect((await fetch(`${proxy.url}/anything`)).status).toBe(200)
    expect(upstream.requests()[0]?.values('x-key')).toEqual(['k-1'])
    expect(proxy.log()).toMatch(/flex\/target/)
    expect(proxy.log()).toMatch(/flex\/unused/)
    expect(proxy.log()).not.toContain('k-1')
    await upstream.close()
  })

  it('are refused when several routes could be meant', async () => {
    const route = (name: string) =>
      `  - { name: ${name}, match: { path: /${name} }, upstream: http://up.example }\n`
    const started = startProxy({
      policies: BINDING,
      gateway: `routes:\n${route('first')}${route('second')}`,
      variables: { API_KEY: 'k-1' },
    })
    await expect(started).rejects.toMatchObject({ diagnostics: [{ rule: 'flex/target' }] })
  })

  it('are bound to the route of a gateway file that has the name of their target', async () => {
    const upstream = await recordingUpstream()
    const proxy = await startProxy({
      policies: BINDING,
      gateway: `routes:
  - { name: shop, match: { path: /shop }, upstream: "${upstream.url}", unmatched: forward }
  - { name: other, upstream: "${upstream.url}", unmatched: forward }\n`,
      variables: { API_KEY: 'k-1' },
    })
    const headers = { 'x-env': 'prod' }
    await fetch(`${proxy.url}/shop`, { headers })
    await fetch(`${proxy.url}/other`, { headers })
    expect(upstream.requests().map((request) => request.values('x-key'))).toEqual([['k-1'], []])
    await upstream.close()
  })
})
