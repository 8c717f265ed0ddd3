import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { endWith, flushHead } from '../../../src/forward/written-answer.ts'
import { listening } from '../../support/listening.ts'
import { rawRequest } from '../../support/raw-client.ts'

it.each([
  ['ASCII', 'plain'],
  ['octets beyond it', 'caf\xe9'],
  ['the first of them', '\x80'],
  ['the last of them', '\xff'],
])('sends a head of %s octet by octet, before there is a body', async (_what, value) => {
  const server = createServer((_message, response) => {
    const fields = ['x-a', value]
    response.writeHead(200, fields)
    flushHead(response, fields)
  })
  const { text, ended } = await rawRequest(
    await listening(server),
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    { until: (reply) => reply.endsWith('\r\n\r\n') },
  )
  expect(ended).toBe('until')
  expect(text).toContain(`\r\nx-a: ${value}\r\n`)
})

it.each([1, 4096, 4097, 8 * 1024 * 1024])(
  'ends with %d bytes as they were, whatever is read into their memory afterwards',
  async (length) => {
    const server = createServer((_message, response) => {
      const bytes = Buffer.alloc(length, 'a')
      response.writeHead(200, ['content-length', String(length)])
      endWith(response, bytes)
      bytes.fill('b')
    })
    const answer = await fetch(`http://127.0.0.1:${await listening(server)}`)
    expect(await answer.text()).toBe('a'.repeat(length))
  },
)
