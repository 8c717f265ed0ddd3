import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { openWebSocket, webSocketUpstream } from '../support/web-socket-upstream.ts'

function start(url: string) {
  return startProxy({
    policies:
      'name: signed\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n',
    gateway: `routes: [{ name: all, upstream: "${url}", upgrades: [websocket] }]`,
    variables: { SECRET: hmacSecret() },
  })
}

/** Stops a proxy while it passes on an answer of this type that does not end; gives what the client got. */
async function stopDuring(type: string) {
  const upstream = createServer((_message, response) => {
    response.writeHead(200, { 'content-type': type }).write('data: 1\n\n')
  })
  const proxy = await start(`http://127.0.0.1:${await listening(upstream)}`)
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  const reply = rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', {
    until: (text) => {
      if (text.includes('data: 1')) resolve()
      return false
    },
  })
  await begun
  await Promise.all([proxy.stop(50), reply])
  return { proxy, reply: await reply }
}

describe('R18 at the end of the grace', () => {
  it('20 WebSockets are closed with 1001, at both ends', async () => {
    const upstream = await webSocketUpstream()
    const proxy = await start(upstream.url)
    const near = await Promise.all(Array.from({ length: 20 }, () => openWebSocket(proxy.url)))
    const closed = [...near, ...upstream.sockets].map((socket) => once(socket, 'close'))
    await proxy.stop(50)
    const codes = (await Promise.all(closed)).map(([code]) => code)
    expect(codes).toEqual(Array(40).fill(1001))
    expect(proxy.workload()).toMatchObject({ requests: 0, connections: 0 })
  })

  it('an event stream ends with what it has said', async () => {
    const { reply, proxy } = await stopDuring('text/event-stream')
    expect(reply.text).toMatch(/data: 1\n\n\r\n0\r\n\r\n$/)
    expect(reply.ended).toBe('closed')
    expect(await proxy.requestsOnce(1)).toMatchObject([{ status: 200 }])
  })

  it('any other answer is cut, so that it looks cut', async () => {
    const { reply } = await stopDuring('application/octet-stream')
    expect(reply.text).toMatch(/data: 1\n\n\r\n$/)
  })
})
