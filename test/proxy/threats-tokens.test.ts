import { expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const POLICY = `
name: large
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  customClaims:
    - { name: one, value: "#[payload.one]" }
    - { name: other, value: "#[payload.other]" }
inject: INJECT
`

it.each([
  ['a header', '{ location: header, name: x-token }'],
  ['the query', '{ location: query, name: token }'],
  ['a cookie', '{ location: cookie, name: session }'],
  ['the body', '{ location: body, name: /token }'],
])(
  'T012 sends no token with claims of 20 KB in %s, and names the policy alone',
  async (_, place) => {
    const upstream = await recordingUpstream()
    const proxy = await startProxy({
      policies: POLICY.replace('INJECT', place),
      upstream: upstream.url,
      variables: { SECRET: hmacSecret() },
    })
    const post = (claims: object) => {
      const body = JSON.stringify(claims)
      const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      return rawRequest(proxy.port, head + body, { until: (text) => /\r\n\r\nok$|\}$/.test(text) })
    }
    const refused = await post({ one: 'CANARY'.repeat(1700), other: 'CANARY'.repeat(1700) })
    expect(refused.status).toBe(422)
    const [event] = await proxy.requestsOnce(1)
    expect(event?.error).toMatchObject({ code: 'token/too-large', place: { policy: 'large' } })
    expect(upstream.connections()).toEqual([])
    const told = `${refused.text}${proxy.log()}${event?.error?.stack}`
    expect(['CANARY', 'eyJ'].filter((text) => told.includes(text))).toEqual([])

    expect((await post({ one: 'a', other: 'b' })).status).toBe(200)
    await upstream.close()
  },
)
