import { createVerifier } from 'fast-jwt'
import { expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const SECRET = hmacSecret()
const FIRST = `
name: z-first
order: 10
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann, jti: true }
inject: { location: none }
saveAs: orders
`
const SECOND = `
name: a-second
order: 20
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 60
  customClaims:
    - { name: act, value: "#[tokens.orders.claims.sub]" }
    - { name: until, value: "#[tokens.orders.expiresAt]", type: integer }
    - { name: alg, value: "#[tokens.orders.header.alg]" }
    - { name: hash, value: "#[$sha256(tokens.orders.value)]" }
`

async function claimsUpstream(policies: readonly string[]) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies,
    upstream: upstream.url,
    variables: { SECRET },
  })
  const reply = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', {
    until: (text) => /ok$|\}$/.test(text),
  })
  await upstream.close()
  const [token = ''] = upstream.requests()[0]?.values('authorization') ?? []
  return { reply, token: token.replace('Bearer ', ''), events: proxy.requests() }
}

const claimsOf = createVerifier({ key: SECRET, algorithms: ['HS256'] })

it('shows a saved token to policies of a higher order', async () => {
  const { token, events } = await claimsUpstream([SECOND, FIRST])
  const claims = claimsOf(token)
  expect(claims).toMatchObject({ act: 'ann', alg: 'HS256', until: expect.any(Number) })
  // a second may begin between the two policies
  expect([299, 300]).toContain((claims.until as number) - (claims.iat as number))
  expect(events[0]?.policies.map(({ policy }) => policy)).toEqual(['z-first', 'a-second'])
})

it('does not show it to policies of a lower order', async () => {
  const { reply, events } = await claimsUpstream([SECOND, FIRST.replace('order: 10', 'order: 30')])
  expect(reply.status).toBe(422)
  expect(events[0]?.error).toMatchObject({ code: 'claim/missing', place: { policy: 'a-second' } })
})

it('lets policies of one order run by name', async () => {
  const { events } = await claimsUpstream([
    FIRST.replace('order: 10', ''),
    SECOND.replace('order: 20', '').replace(/ {2}customClaims:[\s\S]*/, ''),
  ])
  expect(events[0]?.policies.map(({ policy }) => policy)).toEqual(['a-second', 'z-first'])
})

it('lets the later of two policies have the place that both write', async () => {
  const place = 'inject: { location: none }'
  const { token } = await claimsUpstream([
    FIRST.replace(place, 'inject: { location: header }'),
    `${SECOND}inject: { overwrite: always }\n`,
  ])
  expect(claimsOf(token)).toMatchObject({ act: 'ann' })
})
