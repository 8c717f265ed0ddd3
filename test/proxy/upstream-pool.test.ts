import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { forwardTo } from '../support/forwarding.ts'
import { listening } from '../support/listening.ts'
import { allAtOnce } from '../support/load.ts'

/** An upstream that streams at /events and answers at /held when it is told to. */
async function start(upstream: object) {
  const held: ServerResponse[] = []
  const server = createServer((message, response) => {
    if (message.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    } else if (message.url === '/held') held.push(response)
    else response.end('ok')
  })
  const url = `http://127.0.0.1:${await listening(server)}`
  return { proxy: await forwardTo({ url, ...upstream }), held, server }
}

/** A client that asks for an event stream, once its first event has arrived. */
async function listener(port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void client.destroy())
  client.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(client, 'data')
  return client
}

describe('event streams', () => {
  it('T121 take no connection from other requests', async () => {
    const { proxy } = await start({ pool: { connections: 2, streams: 20, queue: 0 } })
    for (let open = 0; open < 20; open += 1) await listener(proxy.port)
    for (let sent = 0; sent < 5; sent += 1) {
      expect((await fetch(`${proxy.url}/x`)).status).toBe(200)
    }
  })

  it('T121 are 503 when there are too many, and other requests are served', async () => {
    const { proxy } = await start({ pool: { connections: 2, streams: 1, queue: 0 } })
    const clients = [await listener(proxy.port)]
    const refused = await fetch(`${proxy.url}/events`)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toMatchObject({ code: 'overload' })
    expect((await fetch(`${proxy.url}/x`)).status).toBe(200)
    for (const client of clients) client.resetAndDestroy()
    await proxy.requestsOnce(3)
    clients.push(await listener(proxy.port))
  })
})

it('T121 an answer that lasts becomes a stream after five seconds', async () => {
  const server = createServer((message, response) => {
    if (message.url === '/x') response.end('ok')
    else response.writeHead(200).write('begin')
  })
  const url = `http://127.0.0.1:${await listening(server)}`
  const proxy = await forwardTo({ url, pool: { connections: 1, queue: 1 } })
  const client = connect(proxy.port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void client.destroy())
  client.write('GET /long HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(client, 'data')
  expect((await fetch(`${proxy.url}/x`)).status).toBe(200)
})

it('T122 lets so many requests wait, answers the others 503, and those that wait in time', async () => {
  const { proxy, held, server } = await start({
    pool: { connections: 1, queue: 2 },
    timeouts: { headers: '10s' },
  })
  const first = fetch(`${proxy.url}/held`)
  await once(server, 'request')
  const rest = allAtOnce(`${proxy.url}/x`, 5)
  await proxy.requestsOnce(3)
  expect(proxy.requests().map(({ status }) => status)).toEqual([503, 503, 503])
  held[0]?.end('ok')
  expect((await first).status).toBe(200)
  expect(await rest).toEqual({ 200: 2, 503: 3 })
})

it('T122 answers 504 when no connection becomes free in time', async () => {
  const { proxy, server } = await start({
    pool: { connections: 1, queue: 5 },
    timeouts: { headers: '300ms' },
    breaker: 'off',
  })
  const first = fetch(`${proxy.url}/held`)
  await once(server, 'request')
  await wait(150)
  const second = await fetch(`${proxy.url}/held`)
  expect(second.status).toBe(504)
  expect((await first).status).toBe(504)
})

it('T122 a client that goes away while it waits makes room in the line', async () => {
  const { proxy, held, server } = await start({ pool: { connections: 1, queue: 1 } })
  const first = fetch(`${proxy.url}/held`)
  await once(server, 'request')
  const client = connect(proxy.port, '127.0.0.1')
  client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  await wait(100)
  expect((await fetch(`${proxy.url}/x`)).status).toBe(503)
  client.resetAndDestroy()
  await proxy.requestsOnce(2)
  const third = fetch(`${proxy.url}/x`)
  await wait(50)
  held[0]?.end('ok')
  expect((await first).status).toBe(200)
  expect((await third).status).toBe(200)
})
