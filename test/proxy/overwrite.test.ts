import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const OURS = /[\w-]{10,}\.[\w-]+\.[\w-]+/
const secret = hmacSecret()

async function send(place: string, overwrite: string, request: string) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
inject: { ${place}, overwrite: ${overwrite} }
`,
    upstream: upstream.url,
    variables: { SECRET: secret },
  })
  const reply = await rawRequest(proxy.port, request, { until: (text) => /ok$|\}$/.test(text) })
  await upstream.close()
  return { reply, seen: upstream.requests(), events: proxy.requests() }
}

const PLACES = [
  [
    'location: header, name: x-token',
    (value: string) => `GET / HTTP/1.1\r\nHost: a\r\n${value && `X-Token: ${value}\r\n`}\r\n`,
  ],
  [
    'location: query, name: token',
    (value: string) => `GET /?a=1${value && `&token=${value}`} HTTP/1.1\r\nHost: a\r\n\r\n`,
  ],
  [
    'location: cookie, name: token',
    (value: string) =>
      `GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1${value && `; token=${value}`}\r\n\r\n`,
  ],
  [
    'location: body, name: /token',
    (value: string) => post('application/json', `{"a":1${value && `,"token":"${value}"`}}`),
  ],
  [
    'location: body, name: token',
    (value: string) =>
      post('application/x-www-form-urlencoded', `a=1${value && `&token=${value}`}`),
  ],
] as const

function post(type: string, body: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

describe.each(PLACES)('at %s', (place, request) => {
  it('always replaces what the client sent', async () => {
    const { reply, seen } = await send(place, 'always', request('CLIENTVALUE'))
    expect(reply.status).toBe(200)
    const text = seen[0]!.bytes.toString()
    expect(text).toMatch(OURS)
    expect(text).not.toContain('CLIENTVALUE')
  })

  it('ifAbsent keeps what the client sent and adds none', async () => {
    const { reply, seen } = await send(place, 'ifAbsent', request('CLIENTVALUE'))
    expect(reply.status).toBe(200)
    const text = seen[0]!.bytes.toString()
    expect(text).toContain('CLIENTVALUE')
    expect(text).not.toMatch(OURS)
  })

  it('ifAbsent adds one when the client sent none', async () => {
    const { reply, seen } = await send(place, 'ifAbsent', request(''))
    expect(reply.status).toBe(200)
    expect(seen[0]!.bytes.toString()).toMatch(OURS)
  })

  it('fail refuses a request that carries one', async () => {
    const { reply, seen, events } = await send(place, 'fail', request('CLIENTVALUE'))
    expect(reply.status).toBe(400)
    expect(seen).toEqual([])
    expect(events.map(({ error }) => error?.code)).toEqual(['inject/occupied'])
    expect(events[0]?.error?.place.policy).toBe('signed')
  })

  it('fail adds one when the client sent none', async () => {
    const { reply, seen } = await send(place, 'fail', request(''))
    expect(reply.status).toBe(200)
    expect(seen[0]!.bytes.toString()).toMatch(OURS)
  })
})

describe('at a place in the body that is only looked at', () => {
  it.each([
    ['text that looks like JSON', post('text/plain', '{"token":"CLIENTVALUE"}'), 'body/media-type'],
    [
      'JSON that does not parse',
      post('application/json', '{"token":"CLIENTVALUE"'),
      'body/malformed',
    ],
    [
      'JSON in another charset',
      post('application/json; charset=latin1', '{"token":1}'),
      'body/media-type',
    ],
  ])('ifAbsent takes %s for what it is', async (_case, request, code) => {
    const { seen, events } = await send('location: body, name: /token', 'ifAbsent', request)
    expect(seen).toEqual([])
    expect(events.map(({ error }) => error?.code)).toEqual([code])
  })
})
