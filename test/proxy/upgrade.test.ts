import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { proxy } from '../../src/hosts/express.ts'
import { policyAt, serve, signing } from '../express/host.ts'
import { apiKey, guardedProxy } from '../support/guarded-proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { webSocketRequest } from '../support/web-socket.ts'

describe('T034 an upgrade', () => {
  const routes = {
    open: 'authenticate: [machines], upgrades: [websocket]',
    shut: 'authenticate: [machines]',
  }

  it.each([
    ['without a credential', '', 401],
    ['with a wrong one', 'X-API-Key: nobody\r\n', 401],
    ['with two', `X-API-Key: ${apiKey}\r\nX-API-Key: ${apiKey}\r\n`, 401],
  ])('of a caller %s is refused, and the upstream is left alone', async (_case, field, status) => {
    const { proxy, upstream } = await guardedProxy({ routes })
    const reply = await rawRequest(proxy.port, webSocketRequest('/open', field))
    expect(reply.status).toBe(status)
    expect(reply.text).toMatch(/^www-authenticate: /im)
    expect(reply.ended).toBe('closed')
    expect(upstream.connections()).toEqual([])
  })

  it('of a caller that is recognised goes on with the token, and without the credential', async () => {
    const { proxy, upstream, callers } = await guardedProxy({ routes })
    const asked = webSocketRequest('/open', `X-API-Key: ${apiKey}\r\n`)
    expect((await rawRequest(proxy.port, asked)).status).toBe(200)
    expect(callers()).toMatchObject([{ clientId: 'c-1' }])
    expect(upstream.requests()[0]?.values('upgrade')).toEqual(['websocket'])
    expect(upstream.requests()[0]?.values('x-api-key')).toEqual([])
  })

  it('is off where the route does not ask for it, whoever calls', async () => {
    const { proxy, upstream } = await guardedProxy({ routes })
    const asked = webSocketRequest('/shut', `X-API-Key: ${apiKey}\r\n`)
    expect((await rawRequest(proxy.port, asked)).status).toBe(426)
    expect(upstream.connections()).toEqual([])
  })
})

it('T034 the Express host refuses an upgrade, whatever the route says', async () => {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const gateway = `routes: [{ name: all, upstream: "${upstream.url}", upgrades: [websocket] }]`
  const policy = policyAt('{ location: header, name: authorization, scheme: Bearer }')
  const app = express().use(await signing(policy, { gateway }), proxy())
  const reply = await rawRequest(await serve(app), webSocketRequest('/', 'X-User: ann\r\n'))
  expect(reply.status).toBe(426)
  expect(upstream.connections()).toEqual([])
})
