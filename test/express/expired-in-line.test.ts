import { createServer, type ServerResponse } from 'node:http'
import express from 'express'
import { expect, it } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { proxy } from '../../src/hosts/express.ts'
import { listening } from '../support/listening.ts'
import { AT, serve, signing, until } from './host.ts'

it('never sends a token that expired while its request waited for a connection', async () => {
  const held: ServerResponse[] = []
  const url = `http://127.0.0.1:${await listening(createServer((_, response) => held.push(response)))}`
  const system = systemEnvironment()
  let ahead = 0
  const environment = { ...system, now: () => system.now() + ahead }
  const middleware = await signing(AT.header, {
    gateway: `routes: [{ name: all, upstream: { url: "${url}", pool: { connections: 1 } } }]`,
  })
  let signed = 0
  const app = express().use(middleware, (_request, _response, next) => {
    signed += 1
    next()
  })
  const port = await serve(app.use(proxy({ environment })))
  const ask = () => fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-user': 'ann' } })
  const first = ask()
  await until(() => held.length === 1)
  const second = ask()
  await until(() => signed === 2)
  ahead = 300_000
  held[0]?.end('ok')
  expect((await first).status).toBe(200)
  const refused = await second
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ code: 'overload' })
  expect(held).toHaveLength(1)
})
