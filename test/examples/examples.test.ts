import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startExample } from './start-example.ts'

const built = existsSync(new URL('../../dist/index.js', import.meta.url))
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/

it('sidecar: the application gets a verified answer, and learns of a refusal', async () => {
  const example = startExample('sidecar')
  const url = await example.printed(/curl -s '(\S+)\?user=ann'/)

  const signed = await fetch(`${url}?user=ann`)
  expect(signed.status).toBe(200)
  expect(await signed.json()).toMatchObject({
    verified: true,
    token: { claims: { iss: 'order-desk', sub: 'ann', aud: 'https://orders.internal' } },
  })

  const refused = await fetch(url)
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({ code: 'claim/missing' })
  expect(await example.printed(/(policy\.yaml:\d+:\d+)/)).toMatch(/^policy\.yaml:\d+:\d+$/)
  expect(example.lines.join('\n')).not.toMatch(TOKEN)

  expect(await example.stop()).toBe(0)
  await expect(fetch(url)).rejects.toThrow()
})

describe.skipIf(!built)(
  `express-gateway${built ? '' : ' (skipped: npm run build has not run)'}`,
  () => {
    it('forwards with a token that verifies, and refuses without a user', async () => {
      const example = startExample('express-gateway')
      const url = await example.printed(/curl -s (\S+)\/orders\/7 -H/)
      const headers = { 'x-user': 'ann', authorization: 'Bearer CLIENT' }

      const signed = await fetch(`${url}/orders/7`, { headers })
      expect(signed.status).toBe(200)
      const answer = await signed.json()
      expect(answer).toMatchObject({
        verified: true,
        token: { location: 'header authorization', claims: { iss: 'express-gateway', sub: 'ann' } },
      })
      expect(JSON.stringify(answer)).not.toContain('CLIENT')

      const refused = await fetch(`${url}/orders/7`)
      expect(refused.status).toBe(422)
      expect(await refused.json()).toMatchObject({ code: 'claim/missing' })
      expect(await fetch(`${url}/other`).then(({ status }) => status)).toBe(404)
      expect(example.lines.join('\n')).not.toMatch(TOKEN)

      expect(await example.stop()).toBe(0)
      await expect(fetch(url)).rejects.toThrow()
    })
  },
)

it('from-flex: three Flex files sign as they are, and the upstream verifies', async () => {
  const example = startExample('from-flex')
  const rs256 = await example.printed(/curl -s (\S+) +rs256\.yaml/)
  const hs256 = await example.printed(/curl -s -H 'x-user: ann' (\S+) +hs256\.yaml/)
  const es256 = await example.printed(/curl -s -H 'x-region: US' '(\S+)' +es256\.yaml/)
  const ask = async (url: string, headers = {}) => await (await fetch(url, { headers })).json()

  expect(await ask(rs256)).toMatchObject({
    verified: true,
    token: {
      header: { alg: 'RS256' },
      claims: { iss: 'https://gateway.example.com', aud: 'https://upstream.example.com' },
    },
  })
  expect(await ask(hs256, { 'x-user': 'ann' })).toMatchObject({
    token: {
      header: { alg: 'HS256' },
      claims: { sub: 'ann', client: 'nobody', call: 'GET /orders' },
    },
  })
  expect(await ask(hs256)).toMatchObject({ code: 'claim/missing' })
  expect(await ask(es256, { 'x-region': 'US' })).toMatchObject({
    verified: true,
    token: {
      header: { alg: 'ES256', kid: 'from-flex-1', region: 'US' },
      claims: { 'tenant-us': 'trial', roles: ['reader', 'writer'] },
    },
  })
  expect(example.lines.join('\n')).not.toMatch(TOKEN)
  expect(await example.stop()).toBe(0)
})
