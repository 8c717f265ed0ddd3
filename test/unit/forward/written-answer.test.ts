import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { flushHead } from '../../../src/forward/written-answer.ts'
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
