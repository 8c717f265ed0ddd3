import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy, type TestProxyOptions } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const POLICY = `
name: orders
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  sub: "#[attributes.headers.\`x-user\`]"
  customClaims:
    - name: level
      value: "#[attributes.headers.\`x-level\`]"
      type: integer
      onMissing: omit
`

async function send(fields: string, options: Partial<TestProxyOptions> = {}) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: POLICY,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
    ...options,
  })
  const request = `GET /a?secret=1 HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
  const reply = await rawRequest(proxy.port, request, { until: (text) => /ok$|\}$/.test(text) })
  const [event] = await proxy.requestsOnce(1)
  await upstream.close()
  return { reply, event, proxy, seen: upstream.connections() }
}

function lineWith(log: string, code: string): Record<string, unknown> {
  const line = log.split('\n').find((text) => text.includes(code))
  return JSON.parse(line ?? '{}')
}

describe('a request whose claim cannot be made', () => {
  it('gets a problem document of fixed members', async () => {
    const { reply, event } = await send('')
    const [head = '', body = ''] = reply.text.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 422 Unprocessable Entity\r\n/)
    expect(head).toMatch(/content-type: application\/problem\+json/i)
    expect(head).toMatch(/cache-control: no-store/i)
    expect(head).not.toMatch(/x-powered-by|server:/i)
    expect(JSON.parse(body)).toEqual({
      type: 'urn:countersign:error:claim/missing',
      title: 'A claim cannot be made from this request',
      status: 422,
      code: 'claim/missing',
      request_id: event?.requestId,
    })
  })

  it('never reaches the upstream', async () => {
    expect((await send('')).seen).toEqual([])
  })

  it('is told as one event that names policy, claim and place', async () => {
    const { event, proxy } = await send('')
    expect(proxy.requests()).toHaveLength(1)
    expect(event).toMatchObject({ method: 'GET', path: '/a', status: 422 })
    expect(event?.error?.place).toMatchObject({
      policy: 'orders',
      claim: 'sub',
      at: expect.stringMatching(/policies\/0\.yaml:7:8$/),
    })
  })

  it('is logged as one line that names policy, claim and place, and holds no query', async () => {
    const { proxy } = await send('')
    const line = lineWith(proxy.log(), 'claim/missing')
    expect(line).toMatchObject({
      level: 'warn',
      policy: 'orders',
      claim: 'sub',
      at: expect.stringMatching(/0\.yaml:7:8$/),
      'url.path': '/a',
    })
    expect(proxy.log()).not.toContain('secret=1')
  })

  it('T011 is refused for a value of another type than declared, which nobody is told', async () => {
    const { reply, event, proxy, seen } = await send('X-User: ann\r\nX-Level: CANARY\r\n')
    expect(reply.status).toBe(422)
    expect(event?.error).toMatchObject({ code: 'claim/type', place: { claim: 'level' } })
    expect(reply.text + proxy.log()).not.toContain('CANARY')
    expect(seen).toEqual([])
  })
})

it('keeps the connection for the next request', async () => {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: POLICY,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const refused = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n'
  const served = 'GET /2 HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n\r\n'
  const reply = await rawRequest(proxy.port, [refused, served], {
    pause: 50,
    until: (text) => text.endsWith('ok'),
  })
  await upstream.close()
  expect(reply.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 422', 'HTTP/1.1 200'])
  expect(upstream.requests().map(({ target }) => target)).toEqual(['/2'])
})

describe('onFailure: passThrough', () => {
  const policies = `${POLICY}onFailure: passThrough\n`

  it("forwards without the credential and without the client's own", async () => {
    const { reply, seen } = await send('Authorization: Bearer CLIENT\r\n', { policies })
    expect(reply.status).toBe(200)
    expect(seen[0]?.toString()).not.toMatch(/authorization/i)
  })

  it('is told with the failure and logged as a warning', async () => {
    const { event, proxy } = await send('', { policies })
    expect(event?.error).toBeUndefined()
    expect(event?.policies).toMatchObject([{ policy: 'orders', applied: false }])
    expect(event?.policies[0]?.failure).toMatchObject({
      code: 'claim/missing',
      place: { policy: 'orders', claim: 'sub' },
    })
    expect(lineWith(proxy.log(), 'let pass')).toMatchObject({ level: 'warn', policy: 'orders' })
  })
})
