import express from 'express'
import { createVerifier } from 'fast-jwt'
import { expect, it } from 'vitest'
import { proxy } from '../../src/hosts/express.ts'
import { ecKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'
import type { ReceivedRequest } from '../support/strict-parser.ts'
import { AT, policyAt, serve, signing } from './host.ts'

const USER = 'X-User: ann'

/** A request with a JSON body. */
function json(body: string, framing = `Content-Length: ${body.length}`): string {
  const content = framing.startsWith('Content') ? body : chunked(body)
  return request('POST /v1?x=1', [USER, 'Content-Type: application/json', framing], content)
}

function form(body: string): string {
  const type = 'Content-Type: application/x-www-form-urlencoded'
  return request('POST /v1', [USER, type, `Content-Length: ${body.length}`], body)
}

function request(line: string, lines: readonly string[], body = ''): string {
  return `${[`${line} HTTP/1.1`, 'Host: a', ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`
}

function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
}

const TE = 'Transfer-Encoding: chunked'
const hashed = AT.header.replace('exp: 300', 'exp: 300\n  jti: "#[$bodyHash()]"')
const conditional = policyAt(
  '{ location: header, name: x-jwt }',
  'when: "#[attributes.method = \'PUT\']"',
)

/** Policy, request, and the places in the upstream request that must be the same. */
const cases: readonly (readonly [title: string, policy: string, bytes: string])[] = [
  ['a header', AT.header, request('GET /a?b=c', [USER])],
  ['a header the client sent', AT.header, request('GET /', [USER, 'AUTHORIZATION: C'])],
  ['an alias of the header', AT.header, request('GET /', [USER, 'Authorization_: C'])],
  ['a nominated header', AT.header, request('GET /', [USER, 'Connection: x-gone', 'X-Gone: 1'])],
  ['a nominated credential', AT.header, request('GET /', [USER, 'Connection: authorization'])],
  ['hop-by-hop fields', AT.header, request('GET /', [USER, 'TE: trailers', 'Keep-Alive: x'])],
  ['forwarded-by fields', AT.header, request('GET /', [USER, 'X-Forwarded-For: 1.2.3.4'])],
  ['a query', AT.query, request('GET /a?token=C&b=%20&b=+&TOKEN=C', [USER])],
  ['no query but ours', AT.query, request('GET /a', [USER])],
  ['cookies', AT.cookie, request('GET /', [USER, 'Cookie: a=1; token=C', 'Cookie: b=2'])],
  ['JSON', AT.json, json('{"a":12345678901234567890,"token":"C","token":"D"}')],
  ['chunked JSON', AT.json, json('{"a":1}', TE)],
  ['JSON that is no object', AT.json, json('[1]')],
  ['malformed JSON', AT.json, json('{')],
  ['a form', AT.form, form('a=1&token=C&a%5Bb%5D=2&x=%zz')],
  ['a body only read', hashed, json('{"a":1}')],
  ['an empty chunked body only read', hashed, request('PUT /', [USER, TE], '0\r\n\r\n')],
  ['a streamed body', AT.header, json('{"a":1}')],
  ['a streamed chunked body', AT.header, json('{"a":1}', TE)],
  ['a chunked body of DELETE', AT.header, request('DELETE /', [USER, TE], chunked('x=1'))],
  ['a chunked body of GET', AT.header, request('GET /', [USER, TE], chunked('GET /b HTTP/1.1'))],
  ['a body of GET', AT.header, request('GET /', [USER, 'Content-Length: 3'], 'a=1')],
  ['an empty POST', AT.header, request('POST /', [USER, 'Content-Length: 0'])],
  ['Expect', AT.header, request('PUT /', [USER, 'Expect: 100-continue', 'Content-Length: 1'], 'a')],
  ['a claim that is missing', AT.header, request('GET /', [])],
  ['when that is false', conditional, request('GET /', [USER, 'X-Jwt: C'])],
  ['an upgrade', AT.header, request('GET /', [USER, 'Connection: upgrade', 'Upgrade: websocket'])],
  ['a bad target', AT.header, request('GET /a/../b', [USER])],
  ['bytes beyond ASCII', AT.header, request('GET /', [USER, 'X-Latin: \xe9'])],
  ['OPTIONS', AT.header, request('OPTIONS /', [USER])],
  ['HEAD', AT.header, request('HEAD /', [USER])],
]

/** Starts a host in front of an upstream, and gives its port. */
type Start = (upstream: RecordingUpstream, policy: string) => Promise<number>

const hosts: Readonly<Record<'standalone' | 'express', Start>> = {
  async standalone({ url }, policies) {
    const variables = { KEY: ecKeys().pkcs8 }
    return (await startProxy({ policies, upstream: `${url}/base`, variables })).port
  },
  async express({ url }, policies) {
    const app = express()
    app.use(await signing(policies, { upstream: `${url}/base` }), proxy())
    return await serve(app)
  },
}

it.each(cases)(
  'sends upstream what the standalone proxy sends: %s',
  async (_title, policy, bytes) => {
    const outcomes: unknown[] = []
    for (const start of Object.values(hosts)) {
      const upstream = await recordingUpstream()
      const reply = await rawRequest(await start(upstream, policy), bytes)
      await upstream.close()
      expect(upstream.leftovers()).toEqual([])
      const code = /"code":"([^"]+)"/.exec(reply.text)?.[1]
      const status = /HTTP\/1\.1 (?!100)(\d+)/.exec(reply.text)?.[1]
      outcomes.push({
        status,
        code,
        upstream: upstream.requests().map((seen) => essence(seen, upstream)),
      })
    }
    expect(outcomes[1]).toEqual(outcomes[0])
  },
)

/** A request without its framing, which the strict parser has checked, and with what the tokens say in place of them. */
function essence(
  { method, target, headers, body }: ReceivedRequest,
  { port }: RecordingUpstream,
): unknown {
  const fields = headers
    .map(([name, value]) => `${name.toLowerCase()}: ${opened(value).replace(`:${port}`, '')}`)
    .filter((line) => !/^(?:connection|content-length|transfer-encoding): /.test(line))
  return { method, target: opened(target), fields: fields.sort(), body: opened(body.toString()) }
}

const verify = createVerifier({ key: ecKeys().spki, algorithms: ['ES256'] })

function opened(text: string): string {
  return text.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, (token) => {
    const { sub, jti } = verify(token)
    return JSON.stringify({ sub, jti })
  })
}
