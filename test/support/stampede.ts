import { expect } from 'vitest'
import { busyThreadPool } from './busy-thread-pool.ts'
import { rsaKeys } from './keys.ts'
import { allAtOnce, countEach } from './load.ts'
import { startProxy } from './proxy.ts'
import { startVerifyingUpstream } from './verifying-upstream.ts'

/** Expects that `count` first requests at once cause one signature, and that the rest get the token of it. */
export async function expectOneSignature(count: number): Promise<void> {
  const upstream = await startVerifyingUpstream({ publicKey: rsaKeys().publicKey })
  const proxy = await startProxy({
    policies: `
name: orders
jwt: { signingMethod: RS256, privateKey: { env: KEY }, exp: 300, sub: service, jti: true }
`,
    upstream: upstream.url,
    variables: { KEY: rsaKeys().pkcs8 },
  })
  const busy = busyThreadPool()
  expect(await allAtOnce(proxy.url, count)).toEqual({ 200: count })
  await busy
  expect(upstream.rejections).toEqual([])
  expect(upstream.tokens.size).toBe(1)

  const events = await proxy.requestsOnce(count)
  const results = countEach(events.map(({ policies }) => policies[0]?.trace?.cache ?? 'none'))
  const { miss, shared = 0, hit = 0, ...others } = results
  expect({ miss, others }).toEqual({ miss: 1, others: {} })
  expect(shared + hit).toBe(count - 1)
  // or nobody came while the one signature was being made
  expect(shared).toBeGreaterThan(0)
  await upstream.close()
}
