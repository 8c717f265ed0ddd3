import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { forwardTo } from '../support/forwarding.ts'
import { listening } from '../support/listening.ts'
import type { TestProxy } from '../support/proxy.ts'

/** Nobody else listens there while this process holds the port on 127.0.0.1. */
const DEAD_HOST = '127.0.0.9'
const deadPort = () => listening(createServer())

async function statuses(proxy: TestProxy, count: number): Promise<number[]> {
  const found: number[] = []
  for (let sent = 0; sent < count; sent += 1) found.push((await fetch(proxy.url)).status)
  return found
}

const states = ({ events }: TestProxy) =>
  events.filter((event) => event.type === 'breaker').map(({ state }) => state)

it('R15 answers 503 at once after so many failures in a row, and says when to try again', async () => {
  const proxy = await forwardTo({
    url: `http://${DEAD_HOST}:${await deadPort()}`,
    breaker: { failures: 3, openFor: '20s' },
  })
  expect(await statuses(proxy, 5)).toEqual([502, 502, 502, 503, 503])
  const refused = await fetch(proxy.url)
  expect(await refused.json()).toMatchObject({ code: 'upstream/open-circuit' })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15)
  expect(states(proxy)).toEqual(['open'])
})

it('R12 finds an upstream that has returned before the time of its breaker is over', async () => {
  const port = await deadPort()
  const proxy = await forwardTo({
    url: `http://${DEAD_HOST}:${port}`,
    breaker: { failures: 2, openFor: '20s' },
  })
  expect(await statuses(proxy, 3)).toEqual([502, 502, 503])
  const server = createServer((_message, response) => response.end('ok'))
  server.listen(port, DEAD_HOST)
  onTestFinished(() => void server.close())
  while ((await fetch(proxy.url)).status === 503) await wait(20)
  expect(await statuses(proxy, 3)).toEqual([200, 200, 200])
  expect(states(proxy)).toEqual(['open', 'halfOpen', 'closed'])
})

it('R15 lets one request try an upstream that had not answered, when its time is over', async () => {
  let isSilent = true
  let tries = 0
  const server: Server = createServer((_message, response) => {
    tries += 1
    if (!isSilent) response.end('ok')
  })
  const proxy = await forwardTo({
    url: `http://127.0.0.1:${await listening(server)}`,
    timeouts: { headers: '50ms' },
    breaker: { failures: 2, openFor: '300ms' },
  })
  expect(await statuses(proxy, 4)).toEqual([504, 504, 503, 503])
  expect(tries).toBe(2)
  isSilent = false
  await wait(300)
  expect(await statuses(proxy, 2)).toEqual([200, 200])
  expect(states(proxy)).toEqual(['open', 'halfOpen', 'closed'])
})

it('does not take answers for failures', async () => {
  const server = createServer((_message, response) => void response.writeHead(500).end())
  const proxy = await forwardTo({
    url: `http://127.0.0.1:${await listening(server)}`,
    breaker: { failures: 1 },
  })
  expect(await statuses(proxy, 5)).toEqual([500, 500, 500, 500, 500])
  expect(states(proxy)).toEqual([])
})

it('does not take an event stream that stays silent for a failure', async () => {
  const server = createServer((_message, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  })
  const proxy = await forwardTo({
    url: `http://127.0.0.1:${await listening(server)}`,
    timeouts: { body: '50ms' },
    breaker: { failures: 1 },
  })
  for (let sent = 0; sent < 3; sent += 1) {
    const answer = await fetch(proxy.url)
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
  }
  expect(states(proxy)).toEqual([])
})

it('does not take clients that go away for failures', async () => {
  const server = createServer((message, response) => {
    if (message.url === '/ok') response.end('ok')
  })
  const proxy = await forwardTo({
    url: `http://127.0.0.1:${await listening(server)}`,
    breaker: { failures: 1 },
  })
  const client = connect(proxy.port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(server, 'request')
  client.resetAndDestroy()
  const [{ error } = {}] = await proxy.requestsOnce(1)
  expect(error?.code).toBe('request/aborted')
  expect((await fetch(`${proxy.url}/ok`)).status).toBe(200)
  expect(states(proxy)).toEqual([])
})

it('R15 serves from the other address while one is dead', async () => {
  const server = createServer((_message, response) => response.end('ok'))
  const port = await listening(server)
  const proxy = await forwardTo({
    url: `http://127.0.0.1:${port}`,
    addresses: [`${DEAD_HOST}:${port}`, `127.0.0.1:${port}`],
    breaker: { failures: 2, openFor: '20s' },
  })
  const found = await statuses(proxy, 12)
  expect(found.filter((status) => status === 502)).toHaveLength(2)
  expect(found.slice(-6)).toEqual(Array(6).fill(200))
})
