import { compactVerify, createRemoteJWKSet } from 'jose'
import { describe, expect, it } from 'vitest'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { type FixedEnvironment, fixedEnvironment } from '../support/clock.ts'
import { runCountersign, startCountersign } from '../support/process.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { startTransit, type TransitStandIn } from '../support/transit-stand-in.ts'

interface PolicyOptions {
  readonly address: string
  readonly token?: string
  readonly more?: string
}

function policyFor({ address, token = '{ env: VAULT_TOKEN }', more = '' }: PolicyOptions): string {
  return `
name: orders
jwt:
  signingMethod: ES256
  privateKey:
    vaultTransit:
      address: ${address}
      key: orders
      token: ${token}
      timeout: 500ms
      ${more}
  exp: 60
  sub: "#[attributes.headers.\`x-user\`]"
`
}

interface Setup {
  readonly clock: FixedEnvironment
  readonly transit: TransitStandIn
  readonly upstream: RecordingUpstream
  readonly proxy: TestProxy
  /** Sends one request for a user, whose token is reused: status, code of the problem, token. */
  send(user: string): Promise<{ status: number; code?: string; token?: string }>
}

async function setup(): Promise<Setup> {
  const transit = await startTransit()
  transit.addKey('orders', 'ecdsa-p256')
  const upstream = await recordingUpstream()
  const clock = fixedEnvironment()
  const proxy = await startProxy({
    policies: policyFor(transit),
    upstream: upstream.url,
    variables: { VAULT_TOKEN: 's.first' },
    environment: clock,
  })
  return {
    clock,
    transit,
    upstream,
    proxy,
    async send(user) {
      const before = upstream.requests().length
      const response = await fetch(proxy.url, { headers: { 'x-user': user } })
      const text = await response.text()
      const { status } = response
      if (status !== 200) return { status, code: (JSON.parse(text) as { code: string }).code }
      const [line = ''] = upstream.requests()[before]!.values('authorization')
      return { status, token: line.replace('Bearer ', '') }
    },
  }
}

describe('a proxy whose key is in Vault Transit', () => {
  it('sends tokens that its JWKS verifies', async () => {
    const { proxy, send } = await setup()
    const { token } = await send('ann')
    const keys = createRemoteJWKSet(new URL(`${proxy.managementUrl}/.well-known/jwks.json`))
    const { payload } = await compactVerify(token!, keys)
    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({ sub: 'ann' })
  })

  it('serves cached tokens and 503 for new ones while Vault is away, and signs again afterwards', async () => {
    const { clock, transit, upstream, proxy, send } = await setup()
    const { token } = await send('ann')

    transit.trouble = 'reset'
    expect(await send('bob')).toEqual({ status: 503, code: 'key/unavailable' })
    expect(await send('ann')).toEqual({ status: 200, token })
    const forwarded = upstream.requests().length
    for (const user of ['c', 'd', 'e', 'f']) {
      expect(await send(user)).toEqual({ status: 503, code: 'key/unavailable' })
    }
    expect(upstream.requests().length).toBe(forwarded)
    expect(proxy.log()).toContain('RemoteFault ECONNRESET')
    expect(proxy.log()).toContain('RemoteFault breaker-open')
    expect(proxy.log()).not.toContain('s.first')

    transit.trouble = undefined
    clock.advance(5000)
    expect(await send('bob')).toMatchObject({ status: 200 })
  })

  it('says 503 in time when Vault does not answer', async () => {
    const { transit, send } = await setup()
    transit.trouble = 'hang'
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((user) => send(user)))
    expect(new Set(answers.map(({ status, code }) => `${status} ${code}`))).toEqual(
      new Set(['503 key/unavailable']),
    )
  })

  it('keeps its old files when Vault is away at a reload', async () => {
    const { transit, proxy, send } = await setup()
    const { token } = await send('ann')
    transit.trouble = { status: 503 }
    expect(await proxy.reload()).toBe(false)
    expect(await send('ann')).toEqual({ status: 200, token })
    transit.trouble = undefined
    expect(await proxy.reload()).toBe(true)
  })

  it('signs with the next version after a reload', async () => {
    const { transit, proxy, send } = await setup()
    transit.rotate('orders')
    expect(await proxy.reload()).toBe(true)
    const { token } = await send('ann')
    const keys = createRemoteJWKSet(new URL(`${proxy.managementUrl}/.well-known/jwks.json`))
    expect((await compactVerify(token!, keys)).protectedHeader.alg).toBe('ES256')
    expect(transit.requests.at(-1)?.body).toMatchObject({ key_version: 2 })
  })

  it('trusts a private authority only when ca names it', async ({ skip }) => {
    skip(!canMakeCertificates, 'openssl is not on the PATH')
    const tls = await makeCertificate('IP:127.0.0.1')
    const transit = await startTransit({ tls })
    transit.addKey('orders', 'ecdsa-p256')
    const folder = await tempFolder({ 'ca.pem': tls.cert })
    const { address } = transit
    const options = { env: { VAULT_TOKEN: 's.first' } }

    const distrusted = await folder.write('distrusted.yaml', policyFor(transit))
    const refused = await runCountersign(['validate', distrusted], options)
    expect(refused.code).toBe(1)
    expect(refused.stdout + refused.stderr).toContain('key/unavailable')
    expect(transit.requests).toEqual([])

    const trusted = await folder.write('trusted.yaml', policyFor({ address, more: 'ca: ca.pem' }))
    expect(await runCountersign(['validate', trusted], options)).toMatchObject({ code: 0 })
  })

  it('is kept alive by nothing: validate ends, and serve ends when it is told to', async () => {
    const transit = await startTransit()
    transit.addKey('orders', 'ecdsa-p256')
    const policy = policyFor({ address: transit.address, token: '{ file: token }' })
    const folder = await tempFolder({ 'orders.yaml': policy, token: 's.first\n' })
    const validated = await runCountersign(['validate', folder.path])
    expect(validated).toMatchObject({ code: 0, signal: null })

    const upstream = await recordingUpstream()
    const serving = startCountersign([
      ...['serve', '--policies', folder.path, '--upstream', upstream.url],
      ...['--listen', '127.0.0.1:0', '--management', 'off'],
    ])
    const [, url] = await serving.waitFor(/(http:\/\/127\.0\.0\.1:\d+)/)
    expect((await fetch(`${url}/`, { headers: { 'x-user': 'ann' } })).status).toBe(200)
    serving.signal('SIGTERM')
    expect(await serving.exited).toMatchObject({ code: 0, signal: null })
  })
})
