import { expect, it, vi } from 'vitest'
import { type FixedEnvironment, fixedEnvironment } from '../support/clock.ts'
import { ecKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

/** The lines of docs/coming-from.md; an ES256 signature is never made twice, so equal tokens are one. */
const POLICY = `
name: token
jwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 600, sub: "#[attributes.headers.\`x-user\`]" }
cache: CACHE
`

interface Setup {
  readonly environment: FixedEnvironment
  /** Sends one request and gives the token that the upstream saw. */
  token(): Promise<string | undefined>
}

async function setup(cache: string): Promise<Setup> {
  const upstream = await recordingUpstream()
  const environment = fixedEnvironment()
  const proxy = await startProxy({
    policies: POLICY.replace('CACHE', cache),
    upstream: upstream.url,
    environment,
    variables: { KEY: ecKeys().pkcs8 },
  })
  return {
    environment,
    async token() {
      const response = await fetch(proxy.url, { headers: { 'x-user': 'ann' } })
      expect(response.status).toBe(200)
      await response.text()
      return upstream.requests().at(-1)?.values('authorization')[0]
    },
  }
}

it('sends one token again until the ttl of the cache is over', async () => {
  const { environment, token } = await setup('{ ttl: 240, refreshAhead: 0 }')
  const first = await token()
  environment.advance(239_000)
  expect(await token()).toBe(first)
  environment.advance(1000)
  expect(await token()).not.toBe(first)
})

it('renews a cached token before its end, while requests are sent the old one', async () => {
  const { environment, token } = await setup('{ ttl: 240, refreshAhead: 30 }')
  const first = await token()
  environment.advance(150_000)
  expect(await token()).toBe(first)
  environment.advance(60_000)
  expect(await token()).toBe(first)
  const second = await vi.waitFor(async () => {
    const renewed = await token()
    expect(renewed).not.toBe(first)
    return renewed
  })
  environment.advance(20_000)
  expect(await token()).toBe(second)
})
