import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { forwarding, forwardTo } from '../support/forwarding.ts'
import { listening } from '../support/listening.ts'
import { countEach } from '../support/load.ts'
import { rawRequest } from '../support/raw-client.ts'

/** Two servers of one upstream, which say who they are. */
async function twoServers(answer: (name: string, response: ServerResponse) => void) {
  const requests: IncomingMessage[] = []
  const servers = ['a', 'b'].map((name) =>
    createServer((message, response) => {
      requests.push(message)
      answer(name, response)
    }),
  )
  const addresses = await Promise.all(
    servers.map(async (server) => `127.0.0.1:${await listening(server)}`),
  )
  return { addresses, servers, requests }
}

it('sends requests to each address in turn, with the host of the URL', async () => {
  const { addresses, requests } = await twoServers((name, response) => response.end(name))
  const proxy = await forwardTo({ url: 'http://orders.example/v1', addresses })
  const names: string[] = []
  for (let sent = 0; sent < 6; sent += 1) names.push(await (await fetch(`${proxy.url}/x`)).text())
  expect(countEach(names)).toEqual({ a: 3, b: 3 })
  expect(new Set(requests.map(({ headers, url }) => `${headers.host}${url}`))).toEqual(
    new Set(['orders.example/v1/x']),
  )
})

it('sends requests to the address that has the fewest under way', async () => {
  const held: ServerResponse[] = []
  const { addresses } = await twoServers((name, response) => {
    if (name === 'a') held.push(response)
    else response.end(name)
  })
  const proxy = await forwardTo({ url: 'http://orders.example', addresses })
  const pending: Promise<Response>[] = []
  while (held.length === 0) {
    pending.push(fetch(proxy.url))
    await wait(20)
  }
  const names = []
  for (let sent = 0; sent < 5; sent += 1) names.push(await (await fetch(proxy.url)).text())
  expect(names).toEqual(Array(5).fill('b'))
  for (const response of held) response.end('a')
  await Promise.all(pending)
})

it('closes connections to addresses that a reload has taken away, each after its request', async () => {
  const held: ServerResponse[] = []
  const { addresses, servers } = await twoServers((name, response) => {
    if (name === 'a') held.push(response)
    else response.end(name)
  })
  const proxy = await forwardTo({ url: 'http://orders.example', addresses: addresses.slice(0, 1) })
  const [server] = servers
  const connected = once(server!, 'connection')
  const old = fetch(proxy.url)
  await once(server!, 'request')
  const [socket] = await connected
  await proxy.write(
    'countersign.yaml',
    forwarding({ url: 'http://orders.example', addresses: addresses.slice(1) }),
  )
  expect(await proxy.reload()).toBe(true)
  expect(await (await fetch(proxy.url)).text()).toBe('b')
  expect(socket.closed).toBe(false)
  const closed = once(socket, 'close')
  held[0]?.end('a')
  expect(await (await old).text()).toBe('a')
  await closed
})

it('keeps connections over a reload that changes nothing about them', async () => {
  const { addresses, servers } = await twoServers((name, response) => response.end(name))
  let connections = 0
  servers[0]!.on('connection', () => {
    connections += 1
  })
  const upstream = { url: 'http://orders.example', addresses: addresses.slice(0, 1) }
  const proxy = await forwardTo(upstream)
  await (await fetch(proxy.url)).text()
  await proxy.write('countersign.yaml', forwarding({ ...upstream, hostHeader: 'client' }))
  expect(await proxy.reload()).toBe(true)
  await (await fetch(proxy.url)).text()
  expect(connections).toBe(1)
})

it('closes a connection that waits too long for its next request', async () => {
  const { addresses, servers } = await twoServers((name, response) => response.end(name))
  const proxy = await forwardTo({ url: `http://${addresses[0]}`, timeouts: { idle: '100ms' } })
  const connected = once(servers[0]!, 'connection')
  const reply = rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', {
    until: (text) => text.endsWith('a\r\n0\r\n\r\n') || text.endsWith('\r\n\r\na'),
  })
  const [socket] = await connected
  await once(socket, 'close')
  expect((await reply).status).toBe(200)
})
