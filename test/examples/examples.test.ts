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
