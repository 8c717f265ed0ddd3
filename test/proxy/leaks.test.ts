import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { ecKeys, hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const POLICIES = [
  `
name: by-secret
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  jti: true
  sub: "#[attributes.headers.\`x-user\`]"
  customClaims:
    - { name: level, value: "#[$number(payload.level)]", type: integer }
    - { name: q, value: "#[attributes.queryParams.q]" }
inject: [{ location: query, name: token }, { location: cookie, name: session }, { location: body, name: /token }]
saveAs: saved
`,
  `
name: by-key
order: 60
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  customClaims: [{ name: inner, value: "#[tokens.saved.value]" }]
`,
]

/** Every spelling in which a secret could leave. */
function spellings(text: string): string[] {
  const bytes = Buffer.from(text)
  return [
    text,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
  ]
}

function request(level: string, more = ''): string {
  const body = JSON.stringify({ level, note: 'CANARY-BODY' })
  return `POST /a?q=CANARY-QUERY HTTP/1.1\r\nHost: a\r\nX-User: CANARY-USER\r\nAuthorization: Bearer CANARY-INBOUND\r\nCookie: session=CANARY-COOKIE\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`
}

it('tells no secret, token or value of the request, however a request ends', async () => {
  const secret = `CANARY-SECRET-${hmacSecret()}`
  const upstream = await recordingUpstream()
  const refusing = createServer((message) => message.socket.destroy())
  const broken = `http://127.0.0.1:${await listening(refusing)}`
  const proxy = await startProxy({
    policies: POLICIES,
    gateway: `routes: [{ name: broken, match: { headers: { x-to: broken } }, upstream: "${broken}" }, { name: all, upstream: "${upstream.url}" }]`,
    variables: { SECRET: secret, KEY: ecKeys().pkcs8 },
  })
  const until = (text: string) => /ok$|\}$/.test(text)
  const replies = [
    await rawRequest(proxy.port, request('7'), { until }),
    await rawRequest(proxy.port, request('CANARY-LEVEL'), { until }),
    await rawRequest(proxy.port, request('7', 'Content-Encoding: CANARY-CODING\r\n'), { until }),
    await rawRequest(proxy.port, request('7', 'X-To: broken\r\n'), { until }),
    await rawRequest(proxy.port, request('7', 'CANARY\x00: 1\r\n'), { until }),
    await rawRequest(proxy.port, request('7', 'Connection: authorization\r\n'), { until }),
  ]
  const events = await proxy.requestsOnce(replies.length)
  await upstream.close()
  expect(replies.map(({ status }) => status)).toEqual([200, 500, 415, 502, 400, 400])

  const [seen] = upstream.requests()
  const tokens = [...(seen?.bytes.toString().matchAll(/[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g) ?? [])]
  expect(tokens.length).toBeGreaterThanOrEqual(4)
  const hidden = [
    secret,
    ecKeys().pkcs8,
    ecKeys().privateJwk.d ?? '',
    ...tokens.flatMap(([token]) => [token, token.split('.')[2] ?? '']),
    'CANARY',
  ].flatMap(spellings)
  const told = [
    ...replies.map(({ text }) => text),
    JSON.stringify(events),
    // an error's message and cause are not among its JSON members
    ...events.map(
      ({ error }) => `${error?.message} ${error?.stack} ${(error?.cause as Error)?.message}`,
    ),
    proxy.log(),
  ].join('\n')
  expect(hidden.filter((text) => told.includes(text))).toEqual([])
})
