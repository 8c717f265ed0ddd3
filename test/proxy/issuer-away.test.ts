import type { RequestListener } from 'node:http'
import { SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { ecKeys, hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { settled } from '../support/proxy-process.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { startIssuer } from '../unit/keys/verifying/issuer.ts'

const { privateKey, publicJwk } = ecKeys()
const SET = { keys: [{ ...publicJwk, kid: 'k' }] }
const broken: RequestListener = (_, response) => response.writeHead(500).end()

const POLICY = `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300 }
inject: { location: header, name: x-token }
`

async function guarded(first: unknown, times: object = {}) {
  const issuer = await startIssuer(first)
  const upstream = await recordingUpstream()
  const jwksUrl = { url: issuer.url, ...times }
  const jwt = { jwksUrl, algorithms: ['ES256'], usernameField: 'sub' }
  const route = { name: 'a', upstream: upstream.url, authenticate: ['staff'] }
  let ahead = 0
  const system = systemEnvironment()
  const proxy = await startProxy({
    policies: POLICY,
    variables: { SECRET: hmacSecret() },
    gateway: JSON.stringify({ routes: [route], authenticators: { staff: { jwt } } }),
    environment: { ...system, monotonic: () => system.monotonic() + ahead },
  })
  const token = await new SignJWT({ sub: 'ann' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setExpirationTime('1h')
    .sign(privateKey)
  const fields = `Host: a\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`
  return {
    issuer,
    proxy,
    advance(seconds: number) {
      ahead += seconds * 1000
    },
    /** Leaps of its clock are taken for a late event loop, for a moment. */
    status: () =>
      settled(
        async () => (await rawRequest(proxy.port, `GET /a HTTP/1.1\r\n${fields}`)).status,
        () => proxy.requests().at(-1)?.error?.code !== 'overload',
      ),
    usable: async () =>
      / (\d)$/m.exec((await proxy.metrics()).split('key_set_usable{')[1] ?? '')?.[1],
  }
}

it('T102 serves nobody while the issuer is away, and tells when it has come back', async () => {
  const { issuer, proxy, advance, status, usable } = await guarded(broken)
  expect(await status()).toBe(503)
  expect(await usable()).toBe('0')
  expect(proxy.log()).not.toContain('fetched again')
  issuer.answer(SET)
  advance(5)
  expect(await status()).toBe(200)
  expect(await usable()).toBe('1')
  expect(proxy.log()).toContain('the JWK set was fetched again')
})

it('T100 takes no key that the issuer has withdrawn while nobody asked', async () => {
  const { issuer, advance, status } = await guarded(SET)
  expect(await status()).toBe(200)
  issuer.answer({ keys: [] })
  advance(20 * 60 + 1)
  expect(await status()).toBe(401)
})

it('R16 serves an hour of its absence with the last good keys until maxStale, then nobody, and recovers within a cool-down', async () => {
  const { issuer, proxy, advance, status } = await guarded(SET, {
    refresh: '10m',
    maxStale: '30m',
    cooldown: '30s',
  })
  expect(await status()).toBe(200)
  issuer.answer(broken)
  const statuses: number[] = []
  for (let minute = 5; minute <= 60; minute += 5) {
    advance(5 * 60)
    statuses.push(await status())
  }
  expect(statuses).toEqual([...Array(7).fill(200), ...Array(5).fill(503)])
  expect(proxy.requests().at(-1)?.error?.code).toBe('key/unavailable')
  issuer.answer(SET)
  advance(30)
  expect(await status()).toBe(200)
})
