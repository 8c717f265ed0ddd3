import { readFileSync } from 'node:fs'
import { createSigner, createVerifier } from 'fast-jwt'
import { expect, it } from 'vitest'
import { ecKeys, hmacSecret, rsaKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

// the gateway file that docs/coming-from.md shows
const PAGE = readFileSync(new URL('../../docs/coming-from.md', import.meta.url), 'utf8')
const AUTHENTICATORS = /```yaml\n(authenticators:.*?)```/s.exec(PAGE)?.[1] ?? ''
const POLICY = `
name: who
jwt:
  signingMethod: HS256
  privateKey: { env: OWN_SECRET }
  exp: 60
  customClaims:
    - { name: principal, value: "#[authentication.principal]", onMissing: omit }
    - { name: name, value: "#[authentication.name]", onMissing: omit }
    - { name: email, value: "#[authentication.email]", onMissing: omit }
    - { name: roles, value: "#[authentication.roles]", onMissing: omit }
    - { name: userType, value: "#[authentication.userType]", onMissing: omit }
inject: { name: x-who }
`
const OWN_SECRET = hmacSecret()
const STAFF_SECRET = hmacSecret()
const CLAIMS = {
  iss: 'https://idp.example.com',
  aud: 'orders',
  loginname: 'ann',
  fullname: 'Ann Example',
  mail: 'ann@example.com',
  roles: ['editor'],
}

type Claims = Readonly<Record<string, unknown>>

function tokenOf(claims: Claims, key = STAFF_SECRET, algorithm: 'HS256' | 'HS512' = 'HS256') {
  return createSigner({ key, algorithm, expiresIn: 60_000 })({ ...claims })
}

/** What the upstream learns of who sent the request with this target and these fields, or the status and reason. */
async function send(target: string, ...fields: readonly string[]) {
  const upstream = await recordingUpstream()
  const routes = `routes:
  - { name: all, upstream: "${upstream.url}", authenticate: [staff, partners, devices, guests] }
`
  const devices = { ...ecKeys().publicJwk, kid: 'd-1', use: 'sig', alg: 'ES256' }
  const proxy = await startProxy({
    gateway: routes + AUTHENTICATORS,
    policies: POLICY,
    files: {
      'keys/partners.pub.pem': rsaKeys().spki,
      'keys/devices.jwks': JSON.stringify({ keys: [devices] }),
    },
    variables: { OWN_SECRET, STAFF_SECRET },
  })
  const lines = [`GET ${target} HTTP/1.1`, 'host: a.example', 'connection: close', ...fields]
  const { status } = await rawRequest(proxy.port, `${lines.join('\r\n')}\r\n\r\n`)
  const [event] = await proxy.requestsOnce(1)
  await upstream.close()
  const [token] = upstream.requests()[0]?.values('x-who') ?? []
  if (token === undefined) return { status, reason: event?.error?.place?.reason }
  const { iat, exp, ...who } = createVerifier({ key: OWN_SECRET, algorithms: ['HS256'] })(token)
  return who
}

const bearer = (...args: Parameters<typeof tokenOf>) =>
  send('/', `authorization: Bearer ${tokenOf(...args)}`)

it('recognises a caller by the token of an enabled authenticator', async () => {
  expect(await bearer(CLAIMS)).toMatchObject({ principal: 'ann' })
})

it('asks no authenticator that is switched off', async () => {
  const token = tokenOf({ iss: 'https://guests.example.com', aud: 'orders', sub: 'guest' })
  expect(await send('/', `x-guest-token: ${token}`)).toMatchObject({ status: 401 })
})

it('finds the token in the query, and verifies it with a public key', async () => {
  const claims = { iss: 'https://partners.example.com', aud: 'orders', sub: 'partner-7' }
  const sign = createSigner({ key: rsaKeys().pkcs8, algorithm: 'RS256', expiresIn: 60_000 })
  expect(await send(`/?token=${sign(claims)}`)).toEqual({ principal: 'partner-7' })
})

it('finds the token in a cookie, and verifies it with a JWK set', async () => {
  const claims = { iss: 'https://devices.example.com', aud: 'orders', sub: 'device-7' }
  const options = { algorithm: 'ES256', expiresIn: 60_000, kid: 'd-1' } as const
  const sign = createSigner({ key: ecKeys().pkcs8, ...options })
  expect(await send('/', `cookie: session=${sign(claims)}`)).toEqual({ principal: 'device-7' })
})

it.each([
  ['refuses a token under another secret', 'signature', CLAIMS, hmacSecret(), 'HS256'],
  ['refuses an algorithm that is not listed', 'algorithm', CLAIMS, STAFF_SECRET, 'HS512'],
  [
    'refuses another issuer',
    'issuer',
    { ...CLAIMS, iss: 'https://other.example' },
    STAFF_SECRET,
    'HS256',
  ],
  ['refuses another audience', 'audience', { ...CLAIMS, aud: 'billing' }, STAFF_SECRET, 'HS256'],
] as const)('%s', async (_title, reason, claims, secret, algorithm) => {
  expect(await bearer(claims, secret, algorithm)).toEqual({ status: 401, reason })
})

it('takes user name, name and email from the fields that are named', async () => {
  const who = { principal: 'ann', name: 'Ann Example', email: 'ann@example.com' }
  expect(await bearer(CLAIMS)).toMatchObject(who)
})

it('takes the roles from the field that is named', async () => {
  const who = await bearer(CLAIMS)
  expect(who).toMatchObject({ roles: ['editor'] })
  expect(who).not.toHaveProperty('userType')
})

it('gives a caller without roles the default user type and the initial roles', async () => {
  const { roles: _none, ...claims } = CLAIMS
  expect(await bearer(claims)).toMatchObject({ userType: 'Reader', roles: ['viewer'] })
})
