import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { type Answer, sendAnswer } from '../../../src/admin/answer.ts'
import { listening } from '../../support/listening.ts'
import { rawRequest } from '../../support/raw-client.ts'

/** The head, without the date, and the content of an answer. */
async function sent(answer: Answer, method = 'GET'): Promise<readonly [string[], string]> {
  const server = createServer((_request, response) => {
    response.setHeader('X-Powered-By', 'Express')
    response.setHeader('X-Frame-Options', 'ALLOW')
    sendAnswer(response, answer)
  })
  const port = await listening(server)
  const { bytes } = await rawRequest(
    port,
    `${method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
  )
  const [head = '', body = ''] = bytes.toString().split('\r\n\r\n')
  return [head.split('\r\n').filter((line) => !line.startsWith('Date: ')), body]
}

const SECURITY = [
  "Content-Security-Policy: default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
  'Cross-Origin-Opener-Policy: same-origin',
  'Cross-Origin-Resource-Policy: same-origin',
  'Origin-Agent-Cluster: ?1',
  'Referrer-Policy: no-referrer',
  'Strict-Transport-Security: max-age=31536000; includeSubDomains',
  'X-Content-Type-Options: nosniff',
  'X-DNS-Prefetch-Control: off',
  'X-Download-Options: noopen',
  'X-Frame-Options: SAMEORIGIN',
  'X-Permitted-Cross-Domain-Policies: none',
  'X-XSS-Protection: 0',
]

it.each<[string, Answer, string, string[], string]>([
  [
    'a text',
    { body: 'käse\n' },
    'HTTP/1.1 200 OK',
    ['Content-Type: text/plain; charset=utf-8', 'Content-Length: 6'],
    'käse\n',
  ],
  [
    'fields of its own',
    { status: 503, type: 'a/b', headers: { 'Cache-Control': 'no-store' }, body: '' },
    'HTTP/1.1 503 Service Unavailable',
    ['Cache-Control: no-store', 'Content-Type: a/b', 'Content-Length: 0'],
    '',
  ],
  ['no content', { status: 204 }, 'HTTP/1.1 204 No Content', [], ''],
  [
    'an ETag alone',
    { status: 304, headers: { ETag: '"a"' } },
    'HTTP/1.1 304 Not Modified',
    ['ETag: "a"'],
    '',
  ],
])('sends %s with what browsers must know', async (_, answer, status, own, content) => {
  const [head, body] = await sent(answer)
  const expected = [status, ...SECURITY, ...own, 'Connection: close']
  expect(head.toSorted()).toEqual(expected.toSorted())
  expect(body).toBe(content)
})

it('sends the same head for HEAD, and nothing after it', async () => {
  const answer = { body: 'text' }
  expect(await sent(answer, 'HEAD')).toEqual([(await sent(answer))[0], ''])
})
