import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const LIMIT = 2000

const policy = (name: string) => `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
inject: { location: body, name: ${name} }
`

async function post(
  fields: string,
  body: string | Uint8Array,
  { name = '/auth/token', answers = 1 } = {},
) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: policy(name),
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
    bodyLimit: LIMIT,
  })
  const head = `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`
  const next =
    'POST /next HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=1'
  const reply = await rawRequest(proxy.port, [head, body, next], {
    pause: 20,
    until: (text) => (text.match(/\}(?=HTTP|$)|ok$/g)?.length ?? 0) >= answers,
  })
  const events = await proxy.requestsOnce(1)
  await upstream.close()
  return { reply, events, seen: upstream.requests().filter(({ target }) => target === '/') }
}

const JSON_TYPE = 'Content-Type: application/json'

function sized(type: string, body: string | Uint8Array): [string, string | Uint8Array] {
  return [`${type}\r\nContent-Length: ${body.length}`, body]
}

describe('refuses, and forwards nothing of,', () => {
  it.each<[string, number, string, [string, string | Uint8Array]]>([
    [
      'a body longer than the limit',
      413,
      'body/too-large',
      sized(JSON_TYPE, `"${'x'.repeat(LIMIT)}"`),
    ],
    [
      'a chunked body longer than the limit',
      413,
      'body/too-large',
      [
        `${JSON_TYPE}\r\nTransfer-Encoding: chunked`,
        `${(LIMIT + 1).toString(16)}\r\n${'x'.repeat(LIMIT + 1)}\r\n0\r\n\r\n`,
      ],
    ],
    [
      'T048 an encoded body',
      415,
      'body/encoding',
      sized(`${JSON_TYPE}\r\nContent-Encoding: gzip`, gzipSync('{}')),
    ],
    ['T021 another media type', 415, 'body/media-type', sized('Content-Type: text/xml', '<a/>')],
    ['T021 no media type', 415, 'body/media-type', sized('X-A: b', '{"a":1}')],
    [
      'T051 a multipart body',
      415,
      'body/media-type',
      sized('Content-Type: multipart/form-data; boundary=x', '--x--'),
    ],
    ['T047 a body that is not JSON', 400, 'body/malformed', sized(JSON_TYPE, '{"a":}')],
    [
      'T053 a body that is not UTF-8',
      400,
      'body/malformed',
      sized(JSON_TYPE, Buffer.from([0x22, 0xff, 0x22])),
    ],
    ['T053 another charset', 415, 'body/media-type', sized(`${JSON_TYPE}; charset=utf-16`, '{}')],
    ['T008 an array where an object must be', 422, 'body/shape', sized(JSON_TYPE, '[1]')],
    ['T008 a number on the way to the place', 422, 'body/shape', sized(JSON_TYPE, '{"auth":5}')],
    ['T052 a body of white space', 422, 'body/shape', sized(JSON_TYPE, '  ')],
    ['T052 an empty body', 422, 'body/shape', sized(JSON_TYPE, '')],
    ['T054 no body', 422, 'body/shape', [JSON_TYPE, '']],
  ])('%s: %i', async (_case, status, code, [fields, body]) => {
    const { reply, events, seen } = await post(fields, body)
    expect(reply.status, reply.text).toBe(status)
    expect(events[0]?.error?.code).toBe(code)
    expect(seen).toEqual([])
  })
})

it.each(['application/json;charset=utf-8', 'APPLICATION/JSON', 'application/vnd.x+json'])(
  'T021 takes %s for JSON',
  async (type) => {
    const { reply, seen } = await post(...sized(`Content-Type: ${type}`, '{}'))
    expect(reply.status).toBe(200)
    expect(seen[0]?.values('content-length')).toEqual([String(seen[0]?.body.length)])
  },
)

describe('the connection', () => {
  it('serves the next request after a body that was read and refused', async () => {
    const { reply } = await post(...sized('Content-Type: text/plain', 'abc'), {
      name: 'token',
      answers: 2,
    })
    expect(reply.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 415', 'HTTP/1.1 200'])
  })

  it('ends after a body that was not read', async () => {
    const { reply } = await post(`${JSON_TYPE}\r\nContent-Length: 5000`, 'x'.repeat(100), {
      answers: 2,
    })
    expect(reply.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413'])
    expect(reply.text).toMatch(/\r\nconnection: close\r\n/i)
  })

  it('stays open long enough for a client that sends all of it before it reads', async () => {
    const proxy = await startProxy({
      policies: policy('/token'),
      upstream: 'http://127.0.0.1:9',
      variables: { SECRET: hmacSecret() },
    })
    const body = Buffer.alloc(8_000_000, 'x')
    const client = connect({ port: proxy.port, host: '127.0.0.1' }).on('error', () => {})
    client.write(
      `POST / HTTP/1.1\r\nHost: a\r\n${JSON_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n`,
    )
    await new Promise((resolve) => client.write(body, resolve))
    const chunks: Buffer[] = await client.toArray()
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 413 [\s\S]*\}$/)
    expect(proxy.requests()).toHaveLength(1)
  })
})
