import { expect, it } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { countEach, openLoop } from '../support/load.ts'
import { startProxy } from '../support/proxy.ts'
import { startVerifyingUpstream } from '../support/verifying-upstream.ts'

const RATE = 200
const SECONDS = 60

it('lets no request wait for a token that lives two seconds, and none go with an expired one', async () => {
  const upstream = await startVerifyingUpstream({ publicKey: ecKeys().publicKey })
  const proxy = await startProxy({
    policies:
      'name: short\njwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 2, sub: service }\n',
    upstream: upstream.url,
    variables: { KEY: ecKeys().pkcs8 },
  })
  expect(await openLoop(proxy.url, { rate: 1, count: 1 })).toEqual({ 200: 1 })
  const count = RATE * SECONDS
  const statuses = await openLoop(proxy.url, { rate: RATE, count })

  expect(upstream.rejections).toEqual([])
  expect(statuses).toEqual({ 200: count })
  const events = await proxy.requestsOnce(count + 1)
  const results = events.map(({ policies }) => policies[0]?.trace?.cache ?? 'none')
  expect(countEach(results)).toEqual({ miss: 1, hit: count })
  // one a lifetime at least; and not one a request
  expect(upstream.tokens.size).toBeGreaterThanOrEqual(SECONDS / 2)
  expect(upstream.tokens.size).toBeLessThan(SECONDS * 4)
  await upstream.close()
})
