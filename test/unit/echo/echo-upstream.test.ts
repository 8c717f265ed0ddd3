import { createServer } from 'node:http'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createEchoUpstream, type EchoAnswer } from '../../../src/echo/index.ts'
import { ecKeys } from '../../support/keys.ts'
import { listening } from '../../support/listening.ts'
import { rawRequest } from '../../support/raw-client.ts'

const keys = ecKeys()
const strangers = ecKeys('P-256', 'stranger')

describe('the echo upstream', () => {
  it('answers with what it saw of a request, and verifies its token', async () => {
    const { ask } = await echo()
    const answer = await ask('/orders?x=1', {
      headers: { authorization: `Bearer ${await token({ sub: 'ann' })}`, 'x-user': 'ann' },
    })
    expect(answer).toMatchObject({
      request: 'GET /orders?x=1 HTTP/1.1',
      verified: true,
      seenBefore: false,
      token: {
        location: 'header authorization',
        verified: true,
        seenBefore: false,
        header: { alg: 'ES256', kid: 'one' },
        claims: { sub: 'ann' },
        times: { exp: expect.stringMatching(/^20.*Z, in 5 minutes$/) },
      },
      headers: { 'x-user': 'ann' },
    })
    expect(answer).not.toHaveProperty('tokens')
    expect(answer).not.toHaveProperty('body')
  })

  it('says whether it has seen this very token before', async () => {
    const { ask } = await echo()
    const [first, second] = [await token({ sub: 'a' }), await token({ sub: 'b' })]
    const seen = async (value: string) => (await ask(`/?token=${value}`)).seenBefore
    expect([await seen(first), await seen(first), await seen(second), await seen(first)]).toEqual([
      false,
      true,
      false,
      true,
    ])
  })

  it.each([
    { place: 'header x-token', init: (value: string) => ({ headers: { 'x-token': value } }) },
    { place: 'cookie', init: (value: string) => ({ headers: { cookie: `a=1; t=${value}; b=2` } }) },
    {
      place: 'body',
      init: (value: string) => ({
        method: 'POST',
        body: JSON.stringify({ auth: { token: value } }),
      }),
    },
    {
      place: 'body',
      init: (value: string) => ({ method: 'POST', body: new URLSearchParams({ token: value }) }),
    },
  ])('finds a token in $place', async ({ place, init }) => {
    const { ask } = await echo()
    const answer = await ask('/', init(await token({ sub: 'ann' })))
    expect(answer).toMatchObject({ verified: true, token: { location: place } })
  })

  it('is verified only when every token is', async () => {
    const { ask } = await echo()
    const [good, bad] = [await token({ sub: 'ann' }), await token({ sub: 'eve' }, strangers)]
    const answer = await ask(`/?t=${bad}`, { headers: { cookie: `a=${good}; b=${bad}` } })
    expect(answer.verified).toBe(false)
    expect(answer.tokens?.map(({ location, verified }) => [location, verified])).toEqual([
      ['cookie', true],
      ['cookie', false],
      ['query t', false],
    ])
  })

  it.each([
    {
      name: 'signed by another key',
      make: () => token({ sub: 'eve' }, strangers),
      reason: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    },
    {
      name: 'that has expired',
      make: () => token({ sub: 'ann', exp: 1_000_000 }),
      reason: 'ERR_JWT_EXPIRED',
    },
    {
      name: 'that nobody signed',
      make: async () => `${part({ alg: 'none' })}.${part({ sub: 'eve' })}.AAAA`,
      reason: expect.any(String),
    },
    {
      name: 'whose claims are no object',
      make: async () => `${part({ alg: 'ES256', kid: 'one' })}.${part([1])}.AAAA`,
      reason: expect.any(String),
    },
  ])('shows a token $name and why it does not verify', async ({ make, reason }) => {
    const { ask } = await echo()
    const answer = await ask('/', { headers: { authorization: `Bearer ${await make()}` } })
    expect(answer).toMatchObject({ verified: false, token: { verified: false, reason } })
  })

  it.each(['Bearer nothing', 'Basic YTpi', 'my-orders.prod.internal-cluster', '..', 'a.b.c'])(
    'sees no token in %j, so that nothing is verified',
    async (authorization) => {
      const { ask } = await echo()
      const answer = await ask('/', { headers: { authorization } })
      expect(answer).toMatchObject({ verified: false, seenBefore: false })
      expect(answer).not.toHaveProperty('token')
    },
  )

  it('says that the JWK set is out of reach', async () => {
    const port = await listening(createEchoUpstream(() => new URL('http://127.0.0.1:9/'), Date.now))
    const response = await fetch(`http://127.0.0.1:${port}/?t=${await token({ sub: 'ann' })}`)
    expect(await response.json()).toMatchObject({
      verified: false,
      token: { reason: expect.stringContaining('out of reach') },
    })
  })

  it('shows the beginning of a long body and counts the rest', async () => {
    const { ask } = await echo()
    const answer = await ask('/', { method: 'POST', body: 'é'.repeat(2_000_000) })
    expect(answer.bodyBytes).toBe(4_000_000)
    expect(answer.body).toBe('é'.repeat(2048))
  })

  it('answers a target that is no URL, and shows lines of one name apart', async () => {
    const { port } = await echo()
    const { status, text } = await rawRequest(
      port,
      'GET //[?t=%zz HTTP/1.1\r\nhost: a\r\nx-a: 1\r\nX-A: 2\r\nconnection: close\r\n\r\n',
    )
    expect(status).toBe(200)
    const answer = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
    expect(answer).toMatchObject({
      request: 'GET //[?t=%zz HTTP/1.1',
      headers: { 'x-a': ['1', '2'] },
    })
  })
})

async function echo() {
  const jwks = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: [{ ...keys.publicJwk, kid: 'one', alg: 'ES256' }] }))
  })
  const jwksUrl = new URL(`http://127.0.0.1:${await listening(jwks)}/`)
  const port = await listening(createEchoUpstream(() => jwksUrl, Date.now))
  const ask = async (path: string, init?: RequestInit) =>
    (await (await fetch(`http://127.0.0.1:${port}${path}`, init)).json()) as EchoAnswer
  return { port, ask }
}

async function token(claims: Record<string, unknown>, signer = keys): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 300
  return await new SignJWT({ exp, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign(signer.privateKey)
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
