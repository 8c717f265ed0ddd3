import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { proxy } from '../../src/hosts/express.ts'
import { policyAt, signing } from '../express/host.ts'
import { ecKeys } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const POLICY = policyAt('{ location: header, name: authorization, scheme: Bearer }')
const HOST = 'Host: a\r\nX-User: ann\r\n'

const HOSTS = ['standalone', 'express'] as const

/** A host before an upstream that takes its time. */
async function start(host: (typeof HOSTS)[number], delay = 100) {
  const upstream = await recordingUpstream(async ({ target }) => {
    await wait(delay)
    return `HTTP/1.1 200 OK\r\ncontent-length: ${target.length}\r\n\r\n${target}`
  })
  onTestFinished(upstream.close)
  const { url } = upstream
  if (host === 'express') {
    const app = express().use(await signing(POLICY, { upstream: url }), proxy())
    return { upstream, port: await listening(createServer(app)) }
  }
  const variables = { KEY: ecKeys().pkcs8 }
  const { port } = await startProxy({ policies: POLICY, upstream: url, variables })
  return { upstream, port }
}

const REFUSED: readonly [string, string][] = [
  ['has another target', `GET //x HTTP/1.1\r\n${HOST}\r\n`],
  ['has two Host lines', `GET /x HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`],
  [
    'nominates the credential',
    `GET /x HTTP/1.1\r\n${HOST}Connection: authorization, keep-alive\r\n\r\n`,
  ],
  [
    'is chunked HTTP/1.0',
    `POST /x HTTP/1.0\r\n${HOST}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['asks for an upgrade', `GET /x HTTP/1.1\r\n${HOST}Upgrade: h2c\r\n\r\n`],
]
const LONG = ['has 1001 lines', `GET /x HTTP/1.1\r\n${HOST}${'a:1\r\n'.repeat(1001)}\r\n`] as const
const EXPECT = ['expects something else', `GET /x HTTP/1.1\r\n${HOST}Expect: foo\r\n\r\n`] as const

describe('forwards nothing that stands behind a request that is refused with its connection, when it', () => {
  it.each([
    ...HOSTS.flatMap((host) => REFUSED.map(([name, text]) => [name, host, text] as const)),
    [LONG[0], 'standalone', LONG[1]] as const,
    // node answers such a request itself before Express, and keeps the connection
    [EXPECT[0], 'standalone', EXPECT[1]] as const,
  ])('%s (%s)', async (_name, host, refused) => {
    const { upstream, port } = await start(host)
    const first = `GET /first HTTP/1.1\r\n${HOST}\r\n`
    const behind = `GET /behind HTTP/1.1\r\n${HOST}\r\n`
    const reply = await rawRequest(port, first + refused + behind)
    expect(reply.ended).toBe('closed')
    expect(reply.text.match(/HTTP\/1\.1 [0-9]{3}/g)).toEqual([
      'HTTP/1.1 200',
      expect.stringMatching(/ 4[0-9]{2}$/),
    ])
    expect(reply.text).toContain('/first')
    await wait(50)
    expect(upstream.requests().map(({ target }) => target)).toEqual(['/first'])
    expect(upstream.leftovers()).toEqual([])
  })

  it.each(HOSTS)('still had a body to come (%s)', async (host) => {
    const { upstream, port } = await start(host)
    const refused = `POST //x HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n`
    const pieces = [refused, `hi${`GET /behind HTTP/1.1\r\n${HOST}\r\n`}`]
    const reply = await rawRequest(port, pieces, { pause: 30 })
    expect(reply.text.match(/HTTP\/1\.1 [0-9]{3}/g)).toEqual(['HTTP/1.1 400'])
    await wait(50)
    expect(upstream.connections()).toEqual([])
  })
})

it.each(HOSTS)(
  'forwards what stands behind a request whose refusal keeps the connection (%s)',
  async (host) => {
    const { upstream, port } = await start(host, 0)
    const refused = 'GET /no-user HTTP/1.1\r\nHost: a\r\n\r\n'
    const last = `GET /behind HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`
    const reply = await rawRequest(port, refused + last)
    expect(reply.text.match(/HTTP\/1\.1 [0-9]{3}/g)).toEqual(['HTTP/1.1 422', 'HTTP/1.1 200'])
    expect(upstream.requests().map(({ target }) => target)).toEqual(['/behind'])
  },
)

it.each(HOSTS)('never answers CONNECT in place of the request before it (%s)', async (host) => {
  const { port } = await start(host)
  const first = `GET /first HTTP/1.1\r\n${HOST}\r\n`
  const reply = await rawRequest(port, `${first}CONNECT e:1 HTTP/1.1\r\n${HOST}\r\n`)
  expect(reply.text).toBe('')
  expect(reply.ended).toMatch(/closed|reset/)
})

describe('a client that resets its connection', () => {
  const first = `GET /first HTTP/1.1\r\n${HOST}\r\n`
  const cut = `POST /x HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nabc`
  const chunked = `POST /x HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`

  it.each(
    HOSTS.flatMap((host) =>
      [
        cut,
        first + cut,
        first + chunked,
        first + first + cut,
        cut.replace(/abc$/, '0123456789') + cut,
      ].map((bytes) => [host, bytes] as const),
    ),
  )('ends nothing but its requests (%s, %j)', async (host, bytes) => {
    const uncaught: unknown[] = []
    const note = (error: unknown) => void uncaught.push(error)
    process.on('uncaughtExceptionMonitor', note)
    onTestFinished(() => void process.off('uncaughtExceptionMonitor', note))
    const { port } = await start(host, 300)
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    socket.write(bytes)
    await wait(100)
    socket.resetAndDestroy()
    await wait(400)
    expect(uncaught).toEqual([])
    const { status } = await rawRequest(port, first, { until: (text) => text.includes('200 OK') })
    expect(status).toBe(200)
  })
})

it('gives back the places of requests that a CONNECT behind them cuts off', async () => {
  const upstream = await recordingUpstream(async () => {
    await wait(50)
    return `HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n${'y'.repeat(300_000)}`
  })
  onTestFinished(upstream.close)
  const proxy = await startProxy({
    policies: POLICY,
    upstream: upstream.url,
    variables: { KEY: ecKeys().pkcs8 },
  })
  const get = `GET /first HTTP/1.1\r\n${HOST}\r\n`
  await rawRequest(proxy.port, `${get.repeat(3)}CONNECT e:1 HTTP/1.1\r\n${HOST}\r\n`)
  await expect
    .poll(() => proxy.workload(), { timeout: 5000 })
    .toMatchObject({ requests: 0, upstreams: [{ inUse: 0, streams: 0, waiting: 0 }] })
})
