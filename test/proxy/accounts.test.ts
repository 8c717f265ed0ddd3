import { writeFile } from 'node:fs/promises'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { ecKeys, rsaKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const gateway = (upstream: string) => `
routes: [{ name: r, upstream: "${upstream}" }]
accounts:
  erp:
    issuer: our-erp
    ttl: 120
    signingMethod: ES256
    privateKey: { file: keys/erp.pem }
`
const policy = (path: string, more = '') => `
name: at-${path}
match: { path: /${path} }
jwt: { account: erp, sub: ${path}${more} }
`

async function start(policies: readonly string[], files: Readonly<Record<string, string>>) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({ policies, gateway: gateway(upstream.url), files })
  const jwks = createRemoteJWKSet(new URL(`${proxy.managementUrl}/.well-known/jwks.json`), {
    cooldownDuration: 0,
  })
  return {
    proxy,
    close: upstream.close,
    async send(path: string) {
      const text = `GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`
      await rawRequest(proxy.port, text, { until: (got) => got.endsWith('ok') })
      const [field = ''] = upstream.requests().at(-1)?.values('authorization') ?? []
      return jwtVerify(field.replace('Bearer ', ''), jwks)
    },
  }
}

it('lets policies sign as an account of the gateway file, whose key lies beside it', async () => {
  const { send, close } = await start([policy('a'), policy('b', ', iss: other, exp: 60')], {
    'keys/erp.pem': ecKeys().pkcs8,
  })
  const [a, b] = [await send('a'), await send('b')]
  await close()
  expect(a.payload).toMatchObject({ iss: 'our-erp', sub: 'a' })
  expect((a.payload.exp ?? 0) - (a.payload.iat ?? 0)).toBe(120)
  expect(b.payload).toMatchObject({ iss: 'other', sub: 'b' })
  expect((b.payload.exp ?? 0) - (b.payload.iat ?? 0)).toBe(60)
  expect(b.protectedHeader.kid).toBe(a.protectedHeader.kid)
})

it('signs with the new key of an account after a reload, and keeps the old one on a fault', async () => {
  const { proxy, send, close } = await start([policy('a')], { 'keys/erp.pem': ecKeys().pkcs8 })
  const { protectedHeader: before } = await send('a')
  const key = `${proxy.folder}/../keys/erp.pem`
  await writeFile(key, rsaKeys().pkcs8)
  expect(await proxy.reload()).toBe(false)
  expect((await send('a')).protectedHeader).toEqual(before)
  await writeFile(key, ecKeys('P-256', 'next').pkcs8)
  expect(await proxy.reload()).toBe(true)
  const { protectedHeader: after } = await send('a')
  await close()
  expect(after.kid).not.toBe(before.kid)
})
