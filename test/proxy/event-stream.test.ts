import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'

const POLICY =
  'name: signed\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n'

/** A proxy before an upstream whose answers begin as `head` says, and where they go on. */
async function start(head: Readonly<Record<string, string>>) {
  const { promise: begun, resolve } = Promise.withResolvers<ServerResponse>()
  const upstream = createServer((_message, response) => {
    response.writeHead(200, head).flushHeaders()
    resolve(response)
  })
  const proxy = await startProxy({
    policies: POLICY,
    upstream: `http://127.0.0.1:${await listening(upstream)}`,
    variables: { SECRET: hmacSecret() },
  })
  return { proxy, begun }
}

it.each([
  ['an event stream', 'text/event-stream'],
  ['any other answer', 'application/json'],
])('T039 passes each part of %s on before the next is there', async (_case, type) => {
  const { proxy, begun } = await start({ 'content-type': type })
  const answer = await fetch(proxy.url)
  const stream = await begun
  const reader = answer.body?.getReader()
  for (let index = 0; index < 5; index += 1) {
    // the next is sent only when this one has arrived
    stream.write(`data: ${index}\n\n`)
    const { value = new Uint8Array() } = (await reader?.read()) ?? {}
    expect(Buffer.from(value).toString()).toBe(`data: ${index}\n\n`)
  }
  stream.end()
  expect((await reader?.read())?.done).toBe(true)
})

it('T039 neither compresses an event stream nor takes a compression off', async () => {
  const { proxy, begun } = await start({ 'content-type': 'text/event-stream' })
  const plain = await fetch(proxy.url, { headers: { 'accept-encoding': 'gzip, br' } })
  const stream = await begun
  stream.end('data: 1\n\n')
  expect(plain.headers.get('content-encoding')).toBe(null)
  expect(await plain.text()).toBe('data: 1\n\n')

  const packed = await start({ 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
  const answer = await fetch(packed.proxy.url)
  const events = await packed.begun
  events.end(gzipSync('data: 2\n\n'))
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  expect(await answer.text()).toBe('data: 2\n\n')
})

it('ends the exchange with the upstream when the client leaves an event stream', async () => {
  const { proxy, begun } = await start({ 'content-type': 'text/event-stream' })
  const client = connect(proxy.port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(client, 'data')
  const stream = await begun
  const left = once(stream, 'close')
  expect(proxy.workload()).toMatchObject({ requests: 0, upstreams: [{ inUse: 0, streams: 1 }] })
  client.destroy()
  await left
  await proxy.requestsOnce(1)
  expect(proxy.workload()).toMatchObject({ requests: 0, upstreams: [{ inUse: 0, streams: 0 }] })
})
