import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { listening } from '../support/listening.ts'
import { startOpenLoop } from '../support/open-loop-process.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { rawRequest } from '../support/raw-client.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

/** A proxy in a process of its own, in front of an upstream that also streams events and echoes WebSockets. */
async function start(shutdown: string) {
  const upstream = createServer((request, response) => {
    if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
    } else if (request.url === '/late') {
      setTimeout(() => response.end('ok'), 1000)
    } else if (request.url !== '/never') {
      response.end('ok')
    }
  })
  const sockets = new WebSocketServer({ server: upstream })
  onTestFinished(() => void sockets.close())
  const url = `http://127.0.0.1:${await listening(upstream)}`
  const proxy = await startProxyProcess({
    gateway: `shutdown: ${shutdown}\nroutes: [{ name: all, upstream: "${url}", upgrades: [websocket] }]\n`,
    policies: SIGNED,
    env: signedVariables(),
  })
  const ready = `${proxy.management}/readyz`
  const status = () => fetch(ready).then((answer) => answer.status)
  return { ...proxy, ready, status }
}

async function events(url: string): Promise<IncomingMessage> {
  const [answer] = (await once(get(`${url}/events`, { agent: false }), 'response')) as [
    IncomingMessage,
  ]
  await once(answer, 'data')
  return answer
}

async function webSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'))
  await once(socket, 'open')
  return socket
}

/** How a stream ended: with its end, or cut. */
async function endOf(answer: IncomingMessage): Promise<string> {
  answer.resume()
  return await Promise.race([
    once(answer, 'end').then(() => 'end'),
    once(answer, 'error').then(() => 'cut'),
  ])
}

describe('a proxy that is told to stop by SIGTERM', () => {
  it('R17 is not ready at once, serves for the drain delay each on its last connection, and ends with 0', async () => {
    const { url, status, signal, exited } = await start('{ drainDelay: 1s }')
    const port = Number(new URL(url).port)
    const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    signal('SIGTERM')
    expect(await settled(status, (code) => code === 503)).toBe(503)
    const { text } = await rawRequest(port, request)
    expect(text).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n.*ok$/is)
    expect(await exited).toMatchObject({ code: 0, signal: null })
    await expect(fetch(url)).rejects.toThrow()
  })

  it('R17 ends a connection with the answer that was under way when it was told', async () => {
    const { url, status, signal, exited } = await start('{ drainDelay: 3s }')
    const request = 'GET /late HTTP/1.1\r\nHost: a\r\n\r\n'
    const answer = rawRequest(Number(new URL(url).port), request)
    await wait(200)
    signal('SIGTERM')
    expect(await settled(status, (code) => code === 503)).toBe(503)
    expect((await answer).text).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n.*ok$/is)
    expect((await exited).code).toBe(0)
  })

  it('R17 fails no request of a balancer that asks whether it is ready', async () => {
    const { url, ready, signal, exited, metric } = await start('{ drainDelay: 1s }')
    const load = await startOpenLoop({ targets: [{ url, ready }], rate: 100, seconds: 10 })
    const served = () => metric('countersign_requests_total')
    await settled(served, (count = 0) => count > 50)
    signal('SIGTERM')
    expect((await exited).code).toBe(0)
    const { failed, ok } = await load.stop()
    expect(failed.filter(({ kind }) => kind !== 'unsent')).toEqual([])
    expect(ok).toBeGreaterThan(50)
  })

  it('R18 ends event streams cleanly and WebSockets with 1001 when the grace is over, and with 0', async () => {
    const { url, signal, exited, waitFor } = await start('{ drainDelay: 0s, grace: 500ms }')
    const streams = await Promise.all(Array.from({ length: 20 }, () => events(url)))
    const sockets = await Promise.all(Array.from({ length: 20 }, () => webSocket(url)))
    const ends = Promise.all(streams.map(endOf))
    const codes = Promise.all(
      sockets.map(async (socket) => ((await once(socket, 'close')) as [number])[0]),
    )
    signal('SIGTERM')
    expect(await codes).toEqual(sockets.map(() => 1001))
    expect(await ends).toEqual(streams.map(() => 'end'))
    expect(await exited).toMatchObject({ code: 0, signal: null })
    await waitFor(/stopped/)
  })

  it('R18 cuts off a request that does not end within the grace, and ends with 0', async () => {
    const { url, signal, exited } = await start('{ drainDelay: 0s, grace: 200ms }')
    const never = fetch(`${url}/never`)
    never.catch(() => {})
    await wait(200)
    signal('SIGTERM')
    await expect(never).rejects.toThrow()
    expect((await exited).code).toBe(0)
  })

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
  ] as const)('R18 ends at once and not with 0 by %s and %s', async (first, second) => {
    const { status, signal, exited } = await start('{ drainDelay: 60s }')
    signal(first)
    expect(await settled(status, (code) => code === 503)).toBe(503)
    signal(second)
    expect((await exited).code).toBe(1)
  })
})

it('waits for nobody when it is told to stop by SIGINT', async () => {
  const { signal, exited } = await start('{ drainDelay: 60s }')
  signal('SIGINT')
  expect(await exited).toMatchObject({ code: 0, signal: null })
})
