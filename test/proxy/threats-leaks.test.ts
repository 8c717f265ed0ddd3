import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { SignJWT } from 'jose'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { compileUpstream } from '../../src/config/upstream.ts'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { ecKeys, hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { type RawReply, rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const secret = hmacSecret()
const variables = { SECRET: secret }

/** A policy that puts its token into the query. */
const QUERY = `
name: in-query
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, customClaims: [{ name: tenant, value: CANARY-TENANT }] }
inject: { location: query, name: token }
`

async function get({ port }: TestProxy, target: string, fields = ''): Promise<RawReply> {
  const text = `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
  return rawRequest(port, text, { until: (got) => /\r\n\r\nok$|\}$/.test(got) })
}

/** Everything that a proxy has told by now, besides its answers. */
async function toldBy(proxy: TestProxy): Promise<string> {
  const errors = proxy.requests().map(({ error }) => `${error?.stack} ${error?.cause}`)
  return [proxy.log(), await proxy.metrics(), JSON.stringify(proxy.events), ...errors].join('\n')
}

it('T056 logs the path that the client sent, without the query of either side', async () => {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const gateway = `routes: [{ name: all, match: { path: /out }, upstream: { url: "${upstream.url}/inner", stripPrefix: true } }]`
  const proxy = await startProxy({ policies: QUERY, gateway, variables })
  expect((await get(proxy, '/out/a?q=CANARY-QUERY&token=CANARY-CLIENT')).status).toBe(200)
  await proxy.requestsOnce(1)
  const [seen] = upstream.requests()
  expect(seen?.target).toMatch(/^\/inner\/a\?q=CANARY-QUERY&token=[\w.-]+$/)
  const token = seen?.target.split('token=')[1] as string

  const record = JSON.parse(proxy.log().trim().split('\n').at(-1) as string)
  expect(record['url.path']).toBe('/out/a')
  const told = await toldBy(proxy)
  const hidden = ['CANARY', token, ...token.split('.'), '/inner']
  expect(hidden.filter((text) => told.includes(text))).toEqual([])
})

describe('T057 an upstream that cannot be reached', () => {
  const NOBODY = canMakeCertificates ? [['has a certificate of nobody', 'https'] as const] : []

  it.each([
    ['refuses connections', 'http'],
    ['hangs up', 'http'],
    ['speaks another protocol than TLS', 'https'],
    ...NOBODY,
  ] as const)('%s is told without its address, the token and the query', async (how, scheme) => {
    const server = how.startsWith('has')
      ? createTlsServer(await makeCertificate('IP:127.0.0.1'))
      : createServer(({ socket }) => socket.destroy())
    const port = await listening(server)
    if (how === 'refuses connections') server.close()
    const upstream = `${scheme}://127.0.0.1:${port}`
    const proxy = await startProxy({ policies: QUERY, upstream, variables })
    const reply = await get(proxy, '/a?q=CANARY-QUERY')
    expect(reply.status).toBe(502)
    const [event] = await proxy.requestsOnce(1)
    expect(event?.error?.code).toMatch(/^upstream\//)
    expect(reply.text).not.toContain(String(port))
    const told = reply.text + proxy.log()
    expect(['CANARY', 'eyJ', 'token='].filter((text) => told.includes(text))).toEqual([])
  })

  it('has no place for a user name and password, should one get past the reading', () => {
    const url = new URL('http://svc:CANARY-PASSWORD@127.0.0.1:1/inner')
    const compiled = compileUpstream(url, { url: url.href }, undefined)
    expect(compiled.origin).toBe('http://127.0.0.1:1')
    expect(JSON.stringify(compiled)).not.toContain('CANARY')
  })
})

describe('T058 an expression that fails', () => {
  const VALUE = 'attributes.headers.`x-secret`'

  it.each([
    `$error("x" & ${VALUE})`,
    `$assert(false, ${VALUE})`,
    `$number(${VALUE})`,
    `${VALUE} + 1`,
    `-${VALUE}`,
    `${VALUE} < 1`,
    `$lookup(${VALUE}, 1, 2)`,
    `$substring(1, ${VALUE})`,
    `$formatNumber(1, ${VALUE} & "0..0..0")`,
    `$fromMillis(1, "[" & ${VALUE})`,
    `[1..${VALUE}]`,
    `${VALUE}.$sum($)`,
  ])('is logged with code, position and policy, and no value: %s', async (value) => {
    const jwt = { signingMethod: 'HS256', privateKey: { env: 'SECRET' }, exp: 300 }
    const customClaims = [{ name: 'x', value: `#[${value}]` }]
    const proxy = await startProxy({
      policies: JSON.stringify({ name: 'failing', jwt: { ...jwt, customClaims } }),
      upstream: 'http://127.0.0.1:1',
      variables,
    })
    const reply = await get(proxy, '/', 'X-Secret: CANARY-VALUE\r\n')
    expect(reply.status).toBe(500)
    await proxy.requestsOnce(1)
    expect(JSON.parse(proxy.log().trim().split('\n').at(-1) as string)).toMatchObject({
      'error.type': 'expr/failed',
      policy: 'failing',
      claim: 'x',
      at: expect.stringMatching(/0\.yaml:1:\d+$/),
    })
    expect(reply.text + (await toldBy(proxy))).not.toContain('CANARY')
  })
})

describe('T062 an answer of our own', () => {
  const POLICY = `
name: reads
match: { path: /reads }
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  customClaims:
    - { name: level, value: "#[payload.level]" }
    - { name: sum, value: "#[payload.level + 1]" }
`
  const post = (target: string, body: string, fields = '') =>
    `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`

  it.each<[number, string]>([
    [400, 'GET /%zz%00 HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\n\r\n'],
    [400, 'nonsense\r\n\r\n'],
    [400, post('/reads', '{')],
    [404, 'GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n'],
    [413, post('/reads', `"${'x'.repeat(3000)}"`)],
    [414, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    [415, post('/reads', '{}', 'Content-Encoding: gzip\r\n')],
    [417, post('/reads', '{}', 'Expect: tea\r\n')],
    [422, post('/reads', '{}')],
    [426, 'GET /reads HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
    [431, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`],
    [500, post('/reads', '{"level":"CANARY"}')],
    [502, post('/reads', '{"level":1}')],
  ])('of %i is fixed but for its id, whatever NODE_ENV says', async (status, request) => {
    const answers = []
    for (const nodeEnv of [undefined, 'development', 'production']) {
      vi.stubEnv('NODE_ENV', nodeEnv)
      const closed = createServer()
      const port = await listening(closed)
      closed.close()
      const proxy = await startProxy({
        policies: POLICY,
        upstream: `http://127.0.0.1:${port}`,
        variables,
        bodyLimit: 2000,
      })
      vi.unstubAllEnvs()
      const reply = await rawRequest(proxy.port, request, { until: (text) => /\}$/.test(text) })
      expect(reply.status).toBe(status)
      answers.push(reply.text)
    }
    const [first = ''] = answers
    expect(first).not.toMatch(/x-powered-by|server:|\bat \/|\.ts\b|node:|stack|CANARY/i)
    const [, body = ''] = first.split('\r\n\r\n')
    expect(Object.keys(JSON.parse(body))).toEqual(['type', 'title', 'status', 'code', 'request_id'])
    expect(new Set(answers.map(withoutId)).size).toBe(1)
  })
})

/** An answer without what differs from one to the next by itself. */
const withoutId = (text: string) =>
  text.replace(/"request_id":"[^"]*"/, '').replace(/^date: .*\r$/gim, '')

it('T067 answers every fault of a token with the same bytes but for the request id', async () => {
  const issuer = 'https://idp.example.com'
  const known = ecKeys('P-256', 'known')
  const jwks = JSON.stringify({ keys: [{ ...known.publicJwk, kid: 'known', alg: 'ES256' }] })
  const jwt = `{ jwks: keys/jwks.json, algorithms: [ES256], issuer: "${issuer}", audience: orders, usernameField: sub }`
  const proxy = await startProxy({
    policies: QUERY,
    gateway: `routes: [{ name: r, upstream: "http://127.0.0.1:1", authenticate: [staff] }]\nauthenticators: { staff: { jwt: ${jwt} } }`,
    files: { 'keys/jwks.json': jwks },
    variables,
  })
  const token = (claims: object = {}, key = known, kid = 'known') =>
    new SignJWT({ iss: issuer, aud: 'orders', sub: 'ann', exp: 4e9, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(key.privateKey)
  const good = await token()
  const texts = {
    'bad signature': await token({}, ecKeys('P-256', 'other')),
    'unknown kid': await token({}, known, 'unknown'),
    expired: await token({ exp: 1_000_000_000 }),
    'another issuer': await token({ iss: 'https://evil.example.com' }),
    'another audience': await token({ aud: 'billing' }),
    'no user': await token({ sub: undefined }),
    'not yet valid': await token({ nbf: 3.9e9 }),
    unsigned: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`,
    cut: good.slice(0, -9),
    nonsense: 'a.b.c',
  }
  const answers: string[] = []
  for (const text of Object.values(texts)) {
    const { status, text: answer } = await get(proxy, '/', `Authorization: Bearer ${text}\r\n`)
    expect(status).toBe(401)
    answers.push(withoutId(answer))
  }
  expect(answers).toEqual(answers.map(() => answers[0]))
  // the log of the operator does tell them apart
  const reasons = (await proxy.requestsOnce(answers.length)).map(({ error }) => error?.place.reason)
  expect(new Set(reasons).size).toBeGreaterThan(5)
})
