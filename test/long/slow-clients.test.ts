import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

it('answers 408 to a client whose head does not arrive, and tells it once', async () => {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies:
      'name: signed\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n',
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const reply = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow', {
    timeout: 15_000,
  })
  expect(reply.status, reply.text).toBe(408)
  expect(reply.ended).toBe('closed')
  expect(proxy.requests().map(({ error }) => error?.code)).toEqual(['request/timeout'])
  expect(upstream.connections()).toEqual([])
  await upstream.close()
})

const CLIENTS = 2000

/** Connections that may wait at once to be accepted; the system forgets about others that seem to be open. */
const BATCH = 100

/** Clients that are connected. */
async function crowd(port: number, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = []
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  while (sockets.length < count) {
    const batch = Array.from({ length: BATCH }, () =>
      connect({ port, host: '127.0.0.1' }).on('error', () => {}),
    )
    sockets.push(...batch)
    await Promise.all(batch.map((socket) => once(socket, 'connect')))
  }
  return sockets
}

/** Resolves when a socket has closed, even by a reset. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    if (socket.closed) resolve(undefined)
    else socket.once('close', resolve)
  })
}

async function start(settings = '') {
  const upstream = await startChildUpstream()
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]\n${settings}\n`,
    policies: SIGNED,
    env: signedVariables(),
  })
  return { proxy, port: Number(new URL(proxy.url).port) }
}

it('T118 closes 2,000 connections that send a byte of a head each second, and serves others meanwhile', async () => {
  const { proxy, port } = await start()
  const sockets = await crowd(port, CLIENTS)
  const from = performance.now()
  const head = [...'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaa']
  const timer = setInterval(() => {
    const byte = head.shift()
    for (const socket of sockets) if (byte !== undefined && socket.writable) socket.write(byte)
  }, 1000)
  onTestFinished(() => clearInterval(timer))
  for (const socket of sockets) socket.resume()
  const ended = Promise.all(sockets.map(closed))
  let isOver = false
  const statuses: number[] = []
  const others = (async () => {
    while (!isOver) {
      statuses.push((await fetch(proxy.url)).status)
      await wait(50)
    }
  })()
  await ended
  isOver = true
  await others
  // 10 s, a second until it is looked at, and what a busy machine takes
  expect(performance.now() - from).toBeLessThan(15_000)
  expect(statuses.length).toBeGreaterThan(20)
  expect(statuses.filter((status) => status !== 200)).toEqual([])
  expect(
    await settled(
      () => proxy.metric('countersign_connections'),
      (count = 0) => count <= 1,
    ),
  ).toBeLessThanOrEqual(1)
})

it('T119 keeps 2,000 idle connections for no more than the limits say, and serves others meanwhile', async () => {
  const { proxy, port } = await start('limits: { connections: 1500 }\ntimeouts: { idle: 3s }')
  const sockets = await crowd(port, CLIENTS)
  const refused = () => proxy.metric('countersign_connections_refused_total', { reason: 'limit' })
  expect(await settled(refused, (count) => count === 500)).toBe(500)
  for (const socket of sockets) socket.resume().write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await Promise.all(sockets.map(closed))
  expect((await fetch(proxy.url)).status).toBe(200)
  expect(await refused()).toBe(500)
})
