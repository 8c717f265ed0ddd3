import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const TO_HEADER = '{ location: header }'
const TO_BODY = '{ location: body, name: /token }'
const REFUSING = '"#[attributes.headers.`x-user`]"'

interface Case {
  readonly inject?: string
  readonly sub?: string
  readonly expectation?: string
  readonly body?: string
  readonly version?: string
}

/** Sends a head, and the body only when `100` has come or after a while. */
async function send(options: Case) {
  const { inject = TO_HEADER, sub = 'ann', body = '{"a":1}', version = '1.1' } = options
  const { expectation = '100-continue' } = options
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ${sub} }
inject: ${inject}
`,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
    bodyLimit: 1000,
  })
  const head = `POST / HTTP/${version}\r\nHost: a\r\nAuthorization: Bearer CLIENT\r\nExpect: ${expectation}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  const before = await rawRequest(proxy.port, head, { timeout: 100 })
  const reply = await rawRequest(proxy.port, [head, body], {
    pause: 50,
    until: (text) => /ok$|\}$/.test(text),
  })
  await upstream.close()
  return { before, reply, seen: upstream.requests() }
}

const statuses = (text: string) => text.match(/HTTP\/1\.1 \d+/g)

describe('T005 a request that expects 100-continue', () => {
  it.each([
    ['100-continue', TO_HEADER],
    ['100-Continue', TO_HEADER],
    ['100-continue', TO_BODY],
  ])('as %s is signed, then asked for its body (%s)', async (expectation, inject) => {
    const { before, reply, seen } = await send({ expectation, inject })
    expect(statuses(before.text)).toEqual(['HTTP/1.1 100'])
    expect(statuses(reply.text)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200'])
    expect(seen).toHaveLength(1)
    expect(seen[0]?.values('expect')).toEqual([])
    expect(JSON.parse(seen[0]?.body.toString() ?? '')).toMatchObject({ a: 1 })
    if (inject === TO_HEADER) expect(seen[0]?.bytes.toString()).not.toContain('CLIENT')
  })

  it('is refused without being asked for its body', async () => {
    const { before, reply, seen } = await send({ sub: REFUSING })
    expect(statuses(before.text)).toEqual(['HTTP/1.1 422'])
    expect(reply.text).toMatch(/\r\nconnection: close\r\n/i)
    expect(seen).toEqual([])
  })

  it('is refused for its declared length without being asked for its body', async () => {
    const { before, seen } = await send({ inject: TO_BODY, body: `"${'x'.repeat(2000)}"` })
    expect(statuses(before.text)).toEqual(['HTTP/1.1 413'])
    expect(seen).toEqual([])
  })

  it('on HTTP/1.0 is not asked: such a client knows no 100', async () => {
    const { reply, seen } = await send({ version: '1.0' })
    expect(statuses(reply.text)).toEqual(['HTTP/1.1 200'])
    expect(seen[0]?.values('expect')).toEqual([])
  })
})

it.each(['foo', '100-Continue, x'])(
  'T005 refuses a request that expects %s',
  async (expectation) => {
    const { before, seen } = await send({ expectation })
    expect(statuses(before.text)).toEqual(['HTTP/1.1 417'])
    expect(seen).toEqual([])
  },
)
