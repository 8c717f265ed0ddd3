import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { requestBody } from '../../../src/forward/index.ts'
import { listening } from '../../support/listening.ts'

const BODY = Buffer.alloc(2_000_000, 'abc')

/** A message as a server gets it, of which the head has arrived. */
async function uploaded({ whole = true } = {}) {
  const server = createServer()
  const client = request({ port: await listening(server), method: 'POST' })
  client.on('error', () => {}).write(BODY)
  if (whole) client.end()
  const [message, response] = await once(server, 'request')
  onTestFinished(() => void client.destroy())
  return { client, message: message as IncomingMessage, response }
}

it('holds the bytes of the message', async () => {
  const { message } = await uploaded()
  expect((await buffer(requestBody(message))).equals(BODY)).toBe(true)
})

it('lets the client wait while nobody reads', async () => {
  const { message } = await uploaded()
  const body = requestBody(message)
  await wait(100)
  expect(body.readableLength).toBeGreaterThan(0)
  expect(body.readableLength).toBeLessThan(200_000)
  expect(message.complete).toBe(false)
})

it('leaves the message alive when it is destroyed, and reads the rest of it', async () => {
  const { client, message, response } = await uploaded()
  const body = requestBody(message)
  await once(body, 'readable')
  body.destroy(new Error('the upstream failed'))
  await once(message, 'end')
  expect(message.destroyed && !message.complete).toBe(false)
  response.end('answered')
  const [answer] = await once(client, 'response')
  expect((await buffer(answer)).toString()).toBe('answered')
})

it('fails with request/aborted when the client goes away', async () => {
  const { client, message } = await uploaded({ whole: false })
  const body = requestBody(message).resume()
  await once(body, 'data')
  client.destroy()
  const [error] = await once(body, 'error')
  expect(error.code).toBe('request/aborted')
})
