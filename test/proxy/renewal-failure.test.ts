import { decodeJwt } from 'jose'
import { expect, it, vi } from 'vitest'
import type { RenewalEvent } from '../../src/observe.ts'
import { type FixedEnvironment, fixedEnvironment } from '../support/clock.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { startTransit, type TransitStandIn, type Trouble } from '../support/transit-stand-in.ts'

interface Setup {
  readonly environment: FixedEnvironment
  readonly signer: TransitStandIn
  readonly proxy: TestProxy
  /** Sends a request; its status, and the expiry of the token that the upstream saw. */
  send(): Promise<{ readonly status: number; readonly exp?: number | undefined }>
  /** The renewals that failed, once there are so many. */
  failures(count: number): Promise<readonly RenewalEvent[]>
}

/** A proxy whose key is in a signer of its own. Its tokens live for 300 seconds, unless `times` say otherwise. */
async function setup(sub: string, times = 'exp: 300', cache = '{}'): Promise<Setup> {
  const signer = await startTransit()
  signer.addKey('orders', 'ecdsa-p256')
  const upstream = await recordingUpstream()
  const environment = fixedEnvironment()
  const proxy = await startProxy({
    policies: `
name: orders
jwt:
  signingMethod: ES256
  privateKey:
    vaultTransit: { address: "${signer.address}", key: orders, token: { env: TOKEN }, timeout: 200ms }
  ${times}
  sub: "${sub}"
cache: ${cache}
`,
    upstream: upstream.url,
    environment,
    variables: { TOKEN: 's.first' },
  })
  return {
    environment,
    signer,
    proxy,
    async send() {
      const before = upstream.requests().length
      const { status } = await fetch(proxy.url, { headers: { 'x-user': 'ann' } })
      const [authorization] = upstream.requests()[before]?.values('authorization') ?? []
      const exp = authorization && decodeJwt(authorization.replace('Bearer ', '')).exp
      return { status, ...(exp && { exp }) }
    },
    failures: (count) =>
      vi.waitFor(() => {
        const found = proxy.events.filter((event) => event.type === 'renewal')
        expect(found.length).toBeGreaterThanOrEqual(count)
        return found
      }),
  }
}

const troubles: readonly Trouble[] = [{ status: 503 }, { status: 403 }, 'reset', 'hang']

it.each(
  troubles.flatMap((trouble) =>
    ['service', '#[attributes.headers.`x-user`]'].map((sub) => ({ trouble, sub })),
  ),
)(
  'sends the old token while it is good when the signer fails with $trouble, then none: $sub',
  async ({ trouble, sub }) => {
    const { environment, signer, proxy, send, failures } = await setup(sub)
    const exp = environment.now() / 1000 + 300
    expect(await send()).toEqual({ status: 200, exp })

    signer.trouble = trouble
    environment.advance(270_000)
    expect(await send()).toEqual({ status: 200, exp })
    const [failure] = await failures(1)
    expect(failure).toMatchObject({
      policy: 'orders',
      failures: 1,
      servedUntil: exp * 1000 - 5000,
      error: { code: 'key/unavailable' },
    })
    const lines = proxy
      .log()
      .split('\n')
      .filter((line) => line.includes('"failures"'))
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      policy: 'orders',
      failures: 1,
      'error.type': 'key/unavailable',
      served_until: new Date(exp * 1000 - 5000).toISOString(),
    })
    expect(proxy.log()).not.toMatch(/s\.first|told by the server/)
    expect(await send()).toEqual({ status: 200, exp })

    environment.advance(30_000)
    expect(await send()).toEqual({ status: 503 })
    expect(proxy.requests().at(-1)?.error?.code).toBe('key/unavailable')

    signer.trouble = undefined
    environment.advance(10_000)
    expect(await send()).toEqual({ status: 200, exp: exp + 310 })
  },
)

it('counts the renewals that fail, over reloads too', async () => {
  const { environment, signer, proxy, send, failures } = await setup('service')
  await send()
  signer.trouble = { status: 503 }
  environment.advance(250_000)
  for (const count of [1, 2, 3]) {
    expect(await send()).toMatchObject({ status: 200 })
    expect((await failures(count))[count - 1]).toMatchObject({ policy: 'orders', failures: count })
    environment.advance(10_000)
  }
  signer.trouble = undefined
  environment.advance(10_000)
  expect(await proxy.reload()).toBe(true)
  await send()
  signer.trouble = { status: 503 }
  environment.advance(250_000)
  await send()
  expect((await failures(4)).at(-1)).toMatchObject({ policy: 'orders', failures: 4 })
})

it('serves the token of a window that is over until cache.ttl, when no other can be made', async () => {
  const { environment, signer, send } = await setup(
    'service',
    'exp: 0\n  minReuse: 1200',
    '{ ttl: 3000 }',
  )
  expect((await send()).status).toBe(200)
  signer.trouble = { status: 503 }
  environment.advance(1_200_000)
  expect((await send()).status).toBe(200)
  environment.advance(1_790_000)
  expect((await send()).status).toBe(200)
  environment.advance(10_000)
  expect((await send()).status).toBe(503)
})
