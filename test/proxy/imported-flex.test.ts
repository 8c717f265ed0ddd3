import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfiguration, openGateway, readDocuments } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { importFlex } from '../../src/import/index.ts'
import { Secret } from '../../src/secret.ts'
import { ecKeys, hmacSecret, rsaKeys } from '../support/keys.ts'
import { freePort } from '../support/listening.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'

const VARIABLES: Readonly<Record<string, string>> = {
  KEY: hmacSecret(),
  TENANT: 'acme $$ # x',
  PASSWORD: 'p:ss word',
  LIFE: '120',
}
const NOW = Date.parse('2026-01-01T00:00:00Z')
const environment = {
  ...systemEnvironment(),
  now: () => NOW,
  uuid: () => '00000000-0000-4000-8000-000000000000',
  random: (length: number) => Buffer.alloc(length, 7),
  variable: (name: string) => VARIABLES[name],
}

/** A gateway that serves what this path holds. */
interface Served {
  readonly config?: string
  readonly policies?: string
  readonly upstream?: string
}

/** The requests as the upstream sees them behind a gateway, token signatures that differ each time left out. */
async function forwarded(served: Served, upstream: Upstream, requests: readonly string[]) {
  const opened = await openGateway({ ...served, environment, observe: () => undefined })
  const proxy = createStandalone({
    ...{ gateway: opened.gateway, environment, observe: () => undefined },
  })
  const port = await freePort(proxy.server)
  const before = upstream.requests().length
  const statuses: number[] = []
  for (const request of requests) statuses.push((await rawRequest(port, request)).status)
  opened.close()
  proxy.server.closeAllConnections()
  await proxy.close()
  const seen = upstream.requests().slice(before)
  return { statuses, seen: seen.map(({ bytes }) => withoutFreshSignatures(bytes.toString())) }
}

type Upstream = Awaited<ReturnType<typeof recordingUpstream>>

/** ECDSA signs with a number that is random. */
function withoutFreshSignatures(text: string): string {
  return text.replace(/(ey[\w-]+)\.([\w-]+)\.[\w-]+/g, (token, header: string, claims: string) => {
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string }
    return alg.startsWith('ES') ? `${header}.${claims}.«signature»` : token
  })
}

/** Imports a folder of Flex files into another one, which must load without an error. */
async function imported(files: readonly string[], upstream: string | undefined): Promise<string> {
  const { path: out } = await tempFolder()
  const read = files.map((file) => readDocuments(file, environment, []))
  const documents = (await Promise.all(read)).flat()
  const made = importFlex(documents, { out, keysTo: `${out}/keys` })
  expect(made.items.filter(({ state }) => state === 'person')).toEqual([])
  for (const { path, text } of made.files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text instanceof Secret ? text.reveal() : text)
  }
  const served =
    upstream === undefined ? { config: out } : { policies: `${out}/policies`, upstream }
  const { diagnostics } = await loadConfiguration(served, environment)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return out
}

const indented = (text: string, by: number) =>
  text.trimEnd().replaceAll('\n', `\n${' '.repeat(by)}`)

const RS256 = `
- policyRef:
    name: jwt-generation-flex
  config:
    signingMethod: RS256
    privateKey: |
      ${indented(rsaKeys().pkcs8, 6)}
    iat: true
    exp: 300
    nbf: 5
    customClaims:
      - name: "'aud'"
        value: "'https://upstream.example.com'"
      - name: sub
        value: "#[attributes.headers['X-User'] default 'nobody']"
      - name: "#['x-' ++ attributes.method]"
        value: "#[attributes.queryParams['id']]"
      - name: literal
        value: "a \\\\#[b $$ \\u00fc 'c'"
    customHeaders:
      - name: kid
        value: my-key
`
const ES256 = `
- policyRef: { name: jwt-generation-flex }
  config:
    signingMethod: ES256
    privateKey: |
      ${indented(ecKeys().pkcs8, 6)}
    exp: 60
    customClaims:
      - { name: roles, value: "#[attributes.headers['x-roles'] splitBy ',']" }
      - { name: admin, value: "#[(attributes.headers['x-roles'] splitBy ',') contains 'admin']" }
`
const HS256 = `
- policyRef: { name: jwt-generation-flex }
  config:
    signingMethod: HS256
    privateKey: "${hmacSecret()}$$x\\n"
    exp: 0
    customClaims:
      - { name: id, value: "#[uuid()]" }
      - { name: tenant, value: $TENANT }
      - { name: also, value: "t=\${TENANT}" }
      - { name: path, value: "#[\\"$(attributes.requestPath) $(attributes.method)\\"]" }
      - { name: flag, value: "#[attributes.method == 'GET']" }
      - { name: dollars, value: "#['$\{KEY} $$ ' ++ attributes.method]" }
      - { name: bracket, value: "#['] \\\\$\{KEY}' ++ attributes.method ++ '$']" }
      - { name: whole, value: "#['$\{KEY}']" }
      - { name: "#['n$\{KEY}' ++ attributes.method]", value: x }
- policyRef: { name: credential-injection-basic-auth-flex }
  config: { username: "#['u-' ++ attributes.method]", password: $PASSWORD, customHeader: x-basic }
- policyRef: { name: credential-injection-api-key-flex }
  config: { apiKey: 'k$$ey', customHeader: x-key, overwrite: false }
`
const FROM_VARIABLES = `
- policyRef: { name: jwt-generation-flex }
  config: { signingMethod: HS256, privateKey: $KEY, customClaims: [ { name: a, value: b } ] }
`

const REQUESTS = [
  ['GET /api/orders/7?id=42 HTTP/1.1', 'x-user: ann', 'x-user: bob', 'x-roles: admin,reader'],
  ['POST /api/orders/8 HTTP/1.1', 'x-roles: reader', 'x-key: mine', 'content-length: 0'],
  ['GET /api/other?id=1&id=2 HTTP/1.1', 'authorization: Bearer forged', 'x-roles: r'],
].map(([line, ...fields]) =>
  [line, 'host: shop.example', 'connection: close', ...fields, '', ''].join('\r\n'),
)

it.each([
  ['RS256', RS256],
  ['ES256', ES256],
  ['HS256 with the siblings', HS256],
  ['a key from a variable', FROM_VARIABLES],
])('forwards what a list with %s did, once it is imported', async (_what, list) => {
  const upstream = await recordingUpstream()
  onTestFinished(() => upstream.close())
  const folder = await tempFolder({ 'policies.yaml': list })
  const out = await imported([`${folder.path}/policies.yaml`], upstream.url)
  const { url } = upstream
  const original = await forwarded({ policies: folder.path, upstream: url }, upstream, REQUESTS)
  const result = await forwarded({ policies: `${out}/policies`, upstream: url }, upstream, REQUESTS)
  expect(original.statuses).toEqual([200, 200, 200])
  expect(original.seen.join()).toContain('ey')
  expect(result).toEqual(original)
})

it('forwards what an ApiInstance and its bindings did, once they are imported', async () => {
  const upstream = await recordingUpstream()
  onTestFinished(() => upstream.close())
  const api = `
apiVersion: gateway.mulesoft.com/v1alpha1
kind: ApiInstance
metadata: { name: orders }
spec:
  address: http://127.0.0.1:8081/api
  services:
    upstream:
      address: ${upstream.url}/
      routes:
        - rules: [ { path: "/orders(/.*)", methods: "GET|POST" } ]
          config: { destinationPath: /v2 }
        - rules: [ { path: "/other", headers: { x-roles: "r.*" } } ]
  policies:
${indented(`    ${RS256.trim()}`, 4)}
---
apiVersion: gateway.mulesoft.com/v1alpha1
kind: PolicyBinding
metadata: { name: bound }
spec:
  targetRef: { name: orders }
  policyRef: { name: credential-injection-api-key-flex }
  config: { authType: clientCredentials, clientId: "#[attributes.method]", clientSecret: $KEY }
  rules: [ { path: "/orders/8", methods: POST } ]
  order: 10
`
  const folder = await tempFolder({ 'api.yaml': api })
  const out = await imported([`${folder.path}/api.yaml`], undefined)
  const original = await forwarded({ config: folder.path }, upstream, REQUESTS)
  const result = await forwarded({ config: out }, upstream, REQUESTS)
  expect(original.statuses).toEqual([200, 200, 200])
  expect(original.seen.map((text) => text.split(' ', 2).join(' '))).toEqual([
    'GET /v2/7?id=42',
    'POST /v2/8',
    'GET /other?id=1&id=2',
  ])
  expect(original.seen.map((text) => /^client_id: POST/m.test(text))).toEqual([false, true, false])
  expect(result).toEqual(original)
})
