import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { openWebSocket, webSocketUpstream } from '../support/web-socket-upstream.ts'

/** A proxy whose one route limits the age of streams; its token is good for `exp` seconds. */
function start(url: string, maxStreamAge: string, exp = 300) {
  return startProxy({
    policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: ${exp}, sub: ann }
`,
    gateway: `
routes:
  - { name: all, upstream: "${url}", upgrades: [websocket], maxStreamAge: ${maxStreamAge} }
`,
    variables: { SECRET: hmacSecret() },
  })
}

/** An upstream that begins an answer and never ends it. */
async function endless(head: Readonly<Record<string, string>>) {
  const server = createServer((_message, response) => {
    response.writeHead(200, head).write('data: 1\n\n')
  })
  return `http://127.0.0.1:${await listening(server)}`
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('T037 maxStreamAge', () => {
  it.each([
    ['when it is that old', '300ms', 300],
    ['with its credential', 'expiry', 1],
  ])('closes a WebSocket %s', async (_case, age, exp) => {
    const upstream = await webSocketUpstream()
    const proxy = await start(upstream.url, age, exp)
    const socket = await openWebSocket(proxy.url)
    const far = once(upstream.sockets[0]!, 'close')
    expect((await once(socket, 'close'))[0]).toBe(1008)
    // the client's answer to the close frame
    expect((await far)[0]).toBe(1008)
    expect(await proxy.requestsOnce(1)).toMatchObject([{ status: 101 }])
  })

  it.each([
    ['when it is that old', '300ms', 300],
    ['with its credential', 'expiry', 1],
  ])('cuts an event stream %s, so that it looks cut', async (_case, age, exp) => {
    const proxy = await start(await endless({ 'content-type': 'text/event-stream' }), age, exp)
    const reply = await rawRequest(proxy.port, GET)
    expect(reply.text).toMatch(/data: 1\n\n\r\n$/)
    expect(reply.ended).toBe('reset')
    const [event] = await proxy.requestsOnce(1)
    expect(event?.error?.code).toBe('stream/expired')
    expect(proxy.workload()).toMatchObject({ requests: 0, upstreams: [{ inUse: 0, streams: 0 }] })
  })

  it('lets an answer that is no stream end', async () => {
    const server = createServer((_message, response) => {
      response.writeHead(200, { 'content-length': 2 }).write('o')
      setTimeout(() => response.end('k'), 300)
    })
    const proxy = await start(`http://127.0.0.1:${await listening(server)}`, '50ms')
    expect(await (await fetch(proxy.url)).text()).toBe('ok')
  })
})
