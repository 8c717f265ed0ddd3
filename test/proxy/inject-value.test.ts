import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const SECRET = hmacSecret()
const GET = ['GET / HTTP/1.1', 'Host: a']

function post(type: string, body: string): string[] {
  return [
    'POST / HTTP/1.1',
    'Host: a',
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ]
}

function source(name: string, more: string): string {
  return `
name: ${name}
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
${more}
`
}

const CRM = source('crm', 'order: 10\nsaveAs: crm\ninject: { location: none }')

/** What the upstream saw of one request, what the caller got, and what was logged. */
async function send(policies: readonly string[], lines: readonly string[] = GET) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({ policies, upstream: upstream.url, variables: { SECRET } })
  const text = lines.join('\r\n') + (lines.includes('') ? '' : '\r\n\r\n')
  const reply = await rawRequest(proxy.port, text, { until: (got) => /ok$|\}$/.test(got) })
  const [event] = await proxy.requestsOnce(1)
  await upstream.close()
  return { reply, event, log: proxy.log(), request: upstream.requests()[0] }
}

const claimsOf = createVerifier({ key: SECRET, algorithms: ['HS256'] })

describe('a value with a saved token', () => {
  const inject = (entry: string) => `name: use\ninject: ${entry}\n`
  const VALUE = 'value: "Bearer #[tokens.crm.value]"'

  it('stands in a header as it is written, with no scheme before it', async () => {
    const { request } = await send([CRM, inject(`{ ${VALUE} }`)])
    const [field = ''] = request?.values('authorization') ?? []
    expect(field).toMatch(/^Bearer [^ ]+$/)
    expect(claimsOf(field.slice(7))).toMatchObject({ sub: 'ann' })
  })

  it.each([
    ['scheme: Token', /^Token Bearer eyJ/],
    ['scheme: none', /^Bearer eyJ/],
  ])('stands behind the scheme that is written: %s', async (scheme, expected) => {
    const { request } = await send([CRM, inject(`{ ${scheme}, ${VALUE} }`)])
    expect(request?.values('authorization')).toEqual([expect.stringMatching(expected)])
  })

  it('stands in a JSON body', async () => {
    const entry = '{ location: body, name: /auth/header, value: "Bearer #[tokens.crm.value]" }'
    const { request } = await send([CRM, inject(entry)], post('application/json', '{"a":1}'))
    const { a, auth } = JSON.parse(request?.body.toString() ?? '')
    expect([a, claimsOf(auth.header.slice(7)).sub]).toEqual([1, 'ann'])
  })

  it.each<[string, string, (text: string) => string | undefined]>([
    ['a form', '{ location: body, name: t, value: "#[tokens.crm.value]" }', formField],
    ['the query', '{ location: query, name: t, value: "#[tokens.crm.value]" }', queryParameter],
    ['a cookie', '{ location: cookie, name: t, value: "#[tokens.crm.value]" }', cookie],
  ])('stands in %s', async (_what, entry, find) => {
    const { request } = await send(
      [CRM, inject(entry)],
      post('application/x-www-form-urlencoded', 'a=1'),
    )
    expect(claimsOf(find(request?.bytes.toString('latin1') ?? '') ?? '')).toMatchObject({
      sub: 'ann',
    })
  })

  it('is seen by the very policy that saves it, in a place beside its credential', async () => {
    const entries = '[{ name: x-plain }, { name: authorization, value: "JWT #[tokens.own.value]" }]'
    const { request } = await send([source('own', `saveAs: own\ninject: ${entries}`)])
    const [plain] = request?.values('x-plain') ?? []
    expect(request?.values('authorization')).toEqual([`JWT ${plain}`])
  })
})

function formField(text: string) {
  return /\r\n\r\n.*\bt=([^&\s]+)/s.exec(text)?.[1]
}
function queryParameter(text: string) {
  return /[?&]t=([^& ]+) HTTP/.exec(text)?.[1]
}
function cookie(text: string) {
  return /cookie: t=(\S+)/i.exec(text)?.[1]
}

describe('a value', () => {
  const inject = (value: string, more = '') =>
    `name: p\ninject: { name: x-v, value: ${value} }\n${more}`

  it.each([
    ['a constant', 'plain text', 'plain text'],
    ['a number', '"#[1 + 1]"', '2'],
    ['a boolean', '"#[attributes.method = \'GET\']"', 'true'],
    ['text around an expression', '"v=#[attributes.method]; x"', 'v=GET; x'],
  ])('that is %s needs no credential source', async (_what, value, expected) => {
    const { request } = await send([inject(value)])
    expect(request?.values('x-v')).toEqual([expected])
  })

  it.each([
    ['is missing', '"a #[attributes.headers.`x-user`]"', 'claim/missing', 422],
    ['is an object', '"#[attributes.queryParams]"', 'claim/type', 422],
    ['is a list', '"#[[attributes.method]]"', 'claim/type', 422],
    [
      'has a line feed',
      "\"#[attributes.method & $base64decode('Cg==') & 'x']\"",
      'claim/not-header-safe',
      422,
    ],
    ['is too long', '"#[$pad(attributes.method, 9000, \'x\')]"', 'token/too-large', 422],
    ['cannot be computed', '"#[$number(attributes.method)]"', 'expr/failed', 500],
  ])('that %s refuses the request', async (_what, value, code, status) => {
    const { reply, event, request } = await send([inject(value)])
    expect(reply.status).toBe(status)
    expect(event?.error).toMatchObject({
      code,
      place: { policy: 'p', claim: 'inject.value', at: expect.stringMatching(/\.yaml:2:\d+$/) },
    })
    expect(request).toBeUndefined()
  })

  it('that fails lets pass with passThrough, without what the client sent there', async () => {
    const lines = [...GET, 'X-V: mine']
    const { request } = await send(
      [`${inject('"#[attributes.headers.`x-user`]"')}onFailure: passThrough\n`],
      lines,
    )
    expect(request?.values('x-v')).toEqual([])
  })

  it.each([
    ['always', ['GET']],
    ['ifAbsent', ['mine']],
  ])('with overwrite: %s gives %j where the client sent one', async (overwrite, expected) => {
    const text = `name: p\ninject: { name: x-v, overwrite: ${overwrite}, value: "#[attributes.method]" }\n`
    const { request } = await send([text], [...GET, 'X-V: mine'])
    expect(request?.values('x-v')).toEqual(expected)
  })

  it('with overwrite: fail refuses a client that sent one', async () => {
    const text = 'name: p\ninject: { name: x-v, overwrite: fail, value: v }\n'
    const { event } = await send([text], [...GET, 'X_V: mine'])
    expect(event?.error?.code).toBe('inject/occupied')
  })

  it('refuses a client that nominates a field which it reads', async () => {
    const lines = [...GET, 'X-User: ann', 'Connection: x-user']
    const { event } = await send([inject('"#[attributes.headers.`x-user`]"')], lines)
    expect(event?.error?.code).toBe('request/connection-nominates')
  })

  it('reads the body where it stands in a header', async () => {
    const { request } = await send(
      [inject('"#[payload.a]"')],
      post('application/json', '{"a":"from the body"}'),
    )
    expect(request?.values('x-v')).toEqual(['from the body'])
    expect(request?.body.toString()).toBe('{"a":"from the body"}')
  })

  it('stands in no log', async () => {
    const lines = [...GET, 'X-User: CANARY-CANARY']
    const { log, request } = await send([inject('"#[attributes.headers.`x-user`]"')], lines)
    expect(request?.values('x-v')).toEqual(['CANARY-CANARY'])
    expect(log).not.toContain('CANARY')
  })
})
