import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { openLoop } from '../support/load.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'

const BIN = new URL('../../bin/countersign.js', import.meta.url).pathname
const GET = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'

async function start(script: string) {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]`,
    policies: SIGNED,
    env: signedVariables(),
    command: ['sh', '-c', script, 'sh', process.execPath, BIN],
  })
  return { proxy, port: Number(new URL(proxy.url).port) }
}

const get = (port: number) => rawRequest(port, GET, { until: (text) => /ok$|\}$/.test(text) })

/** Connections of which each has had an answer, or was closed at once. */
async function crowd(port: number, count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  await Promise.all(
    sockets.map(async (socket) => {
      const over = new Promise((resolve) => socket.on('error', resolve).on('close', resolve))
      socket.write(GET)
      await Promise.race([once(socket, 'data').catch(() => {}), over])
    }),
  )
  return sockets
}

it('T120 R23 R27 serves with 64 descriptors, tells how it is, and recovers', async () => {
  const { proxy, port } = await start('ulimit -n 64; exec "$@"')
  const sockets = await crowd(port, 200)
  expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(12)
  expect(proxy.descriptors()).toBeLessThan(64)
  for (const path of ['/livez', '/readyz', '/metrics']) {
    expect((await fetch(proxy.management + path)).status).toBe(200)
  }
  expect(await proxy.metric('countersign_connections_refused_total', { reason: 'limit' })).toBe(188)
  for (const socket of sockets) socket.destroy()
  expect(
    (
      await settled(
        () => get(port),
        ({ status }) => status === 200,
      )
    ).status,
  ).toBe(200)
}, 40_000)

it('R23 serves at once after it was stopped for a while', async () => {
  const { proxy, port } = await start('exec "$@"')
  expect((await get(port)).status).toBe(200)
  proxy.signal('SIGSTOP')
  const meanwhile = Array.from({ length: 20 }, () => get(port))
  await wait(1000)
  proxy.signal('SIGCONT')
  expect((await Promise.all(meanwhile)).map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(await openLoop(proxy.url, { rate: 100, count: 50 })).toEqual({ 200: 50 })
  expect(await proxy.metric('countersign_clock_jumps_total')).toBe(0)
}, 40_000)
