import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { type FixedEnvironment, fixedEnvironment } from '../support/clock.ts'
import { ecKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'

/** ES256: two signatures over the same claims are never equal, so equal tokens are one signature. */
function policy({
  sub = '#[attributes.headers.`x-user`]',
  more = '',
  cacheable = '',
} = {}): string {
  return `
name: orders
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  sub: "${sub}"
${more}
${cacheable}
`
}

interface Setup {
  readonly upstream: RecordingUpstream
  readonly environment: FixedEnvironment
  /** Sends one request and gives the token that the upstream saw. */
  token(user?: string): Promise<string>
  results(): readonly (string | undefined)[]
}

async function setup(policies: string): Promise<Setup> {
  const upstream = await recordingUpstream()
  const environment = fixedEnvironment()
  const proxy = await startProxy({
    policies,
    upstream: upstream.url,
    environment,
    variables: { KEY: ecKeys().pkcs8 },
  })
  let sent = 0
  return {
    upstream,
    environment,
    async token(user = 'ann') {
      sent += 1
      const id = `/${sent}`
      const response = await fetch(`${proxy.url}${id}`, { headers: { 'x-user': user } })
      expect(response.status).toBe(200)
      await response.text()
      const request = upstream.requests().find(({ target }) => target === id)
      return request?.values('authorization')[0]?.replace('Bearer ', '') ?? ''
    },
    results: () =>
      proxy.requests().flatMap(({ policies }) => policies.map(({ trace }) => trace?.cache)),
  }
}

/** The claims of a token whose signature holds; the tests look at its times themselves. */
const claimsOf = createVerifier({
  key: ecKeys().spki,
  algorithms: ['ES256'],
  ignoreExpiration: true,
})

describe('a token', () => {
  it('is reused while every claim is equal', async () => {
    const { token, results } = await setup(policy())
    expect(await token('ann')).toBe(await token('ann'))
    expect(results()).toEqual(['miss', 'hit'])
  })

  it('is another when one claim differs', async () => {
    const { token } = await setup(policy())
    const ann = await token('ann')
    expect(claimsOf(await token('bob'))).toMatchObject({ sub: 'bob' })
    expect(await token('ann')).toBe(ann)
  })

  it('with an id of ours is reused with it', async () => {
    const { token } = await setup(policy({ more: '  jti: true' }))
    expect(await token()).toBe(await token())
  })

  it.each([
    ['singleUse', '  singleUse: true'],
    ['a volatile claim', '  customClaims: [{ name: n, value: "#[$uuid()]" }]'],
    ['no expiry', ''],
  ])('is made for each request with %s', async (name, more) => {
    const text = policy({ more })
    const { token, results } = await setup(
      name === 'no expiry' ? text.replace('exp: 300', 'exp: 0') : text,
    )
    expect(await token()).not.toBe(await token())
    expect(results()).toEqual(['bypass', 'bypass'])
  })

  it('is never sent after it has expired', async () => {
    const { token, environment } = await setup(policy())
    const seen = new Set<string>()
    for (let second = 0; second < 900; second += 7) {
      const current = await token()
      seen.add(current)
      const { exp, iat } = claimsOf(current) as { exp: number; iat: number }
      const now = environment.now() / 1000
      expect(exp).toBeGreaterThan(now)
      expect(iat).toBeLessThanOrEqual(now)
      environment.advance(7000)
    }
    expect(seen.size).toBeGreaterThanOrEqual(3)
    expect(seen.size).toBeLessThanOrEqual(5)
  })

  it('is made anew when the clock was set back before its time of issue', async () => {
    const { token, environment } = await setup(policy())
    const before = await token()
    environment.setNow(environment.now() - 3600_000)
    const after = await token()
    expect(after).not.toBe(before)
    expect(claimsOf(after).iat).toBe(environment.now() / 1000)
  })
})
