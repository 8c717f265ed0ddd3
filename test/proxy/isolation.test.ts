import { createVerifier } from 'fast-jwt'
import { expect, it } from 'vitest'
import { rsaKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const CALLERS = 200

it('gives each of 200 callers at once a token about that caller', async () => {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: `
name: orders
jwt:
  signingMethod: RS256
  privateKey: { env: KEY }
  exp: 300
  sub: "#[attributes.headers.\`x-user\`]"
  customClaims:
    - { name: asked, value: "#[attributes.queryParams.q & '-' & $string(payload.n)]" }
inject: [{ location: header }, { location: body, name: /token }]
`,
    upstream: upstream.url,
    variables: { KEY: rsaKeys().pkcs8 },
  })
  await Promise.all(
    Array.from({ length: 2 * CALLERS }, async (_, index) => {
      const caller = index % CALLERS
      const response = await fetch(`${proxy.url}/?q=q${caller}`, {
        method: 'POST',
        headers: { 'x-user': `user-${caller}`, 'content-type': 'application/json' },
        body: JSON.stringify({ n: caller }),
      })
      expect(response.status).toBe(200)
      await response.text()
    }),
  )
  await upstream.close()

  const verify = createVerifier({ key: rsaKeys().spki, algorithms: ['RS256'] })
  const requests = upstream.requests()
  expect(requests).toHaveLength(2 * CALLERS)
  for (const request of requests) {
    const [token = ''] = request.values('authorization').map((text) => text.slice('Bearer '.length))
    const claims = verify(token)
    const caller = request.values('x-user')[0]
    const body = JSON.parse(request.body.toString())
    expect(claims.sub).toBe(caller)
    expect(claims.asked).toBe(`q${body.n}-${body.n}`)
    expect(`user-${body.n}`).toBe(caller)
    expect(body.token).toBe(token)
  }
})
