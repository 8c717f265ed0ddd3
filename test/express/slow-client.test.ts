import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { expect, it } from 'vitest'
import { proxy } from '../../src/hosts/express.ts'
import { rawRequest } from '../support/raw-client.ts'
import { AT, serve, signing } from './host.ts'

const HEAD = 'Host: a\r\nX-User: ann\r\nConnection: close\r\n'

/** A gateway whose limits are shorter than its clients are slow. */
async function gateway(upstreamPort: number): Promise<number> {
  const upstream = `{ url: "http://127.0.0.1:${upstreamPort}", timeouts: { headers: 400ms, body: 400ms } }`
  const middleware = await signing(AT.header, {
    gateway: `routes: [{ name: all, upstream: ${upstream} }]`,
  })
  return await serve(express().use(middleware, proxy()))
}

it('does not count the time that a client takes to send against the upstream', async () => {
  const upstream = await serve((message, response) => {
    void text(message).then((body) => response.end(`got ${body}`))
  })
  const head = `PUT / HTTP/1.1\r\n${HEAD}Content-Length: 6\r\n\r\n`
  const pieces = [head, 'ab', 'cd', 'ef']
  const reply = await rawRequest(await gateway(upstream), pieces, { pause: 600 })
  expect(reply.text).toMatch(/got abcdef$/)
})

it('does not count the time that a client takes to read against the upstream', async () => {
  const size = 16 * 1024 * 1024
  const upstream = await serve((_message, response) => void response.end(Buffer.alloc(size, 'x')))
  const socket = connect(await gateway(upstream), '127.0.0.1')
  socket.write(`GET / HTTP/1.1\r\n${HEAD}\r\n`)
  await wait(1000)
  let received = 0
  for await (const chunk of socket) received += (chunk as Buffer).length
  expect(received).toBeGreaterThan(size)
})

it('streams both ways at once', async () => {
  const upstream = await serve((message, response) => void message.pipe(response))
  const head = `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`
  const port = await gateway(upstream)
  const reply = await rawRequest(port, [head, '4\r\nping\r\n'], {
    pause: 50,
    until: (all) => all.includes('ping'),
  })
  expect(reply.ended).toBe('until')
})
