import { createServer, type ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { answerHead, sendHints } from '../../../src/forward/answer-head.ts'
import { Secret } from '../../../src/secret.ts'
import { listening } from '../../support/listening.ts'
import { rawRequest } from '../../support/raw-client.ts'

const RULES = { credentials: [new Secret('s3cret')], inQuery: false, exposed: [] }

/** The head that a client gets of these. */
const headOf = (status: number, reason: string, fields: string[]) =>
  answerHead({ status, reason, fields }, RULES)

describe('answerHead', () => {
  it('gives the fields of the answer octet by octet, without those of the connection', () => {
    const raw = ['X-A', 'caf\xe9', 'Connection', 'x-hop', 'X-Hop', '1', 'X-A', 'b']
    expect(headOf(200, 'Fine', raw)).toEqual({
      reason: 'Fine',
      fields: ['X-A', 'caf\xe9', 'X-A', 'b'],
      isStream: false,
    })
  })

  it('says no length of an answer without content', () => {
    const raw = ['Content-Length', '5', 'x', '1']
    expect(headOf(204, '', raw).fields).toEqual(['x', '1'])
    expect(headOf(200, '', raw).fields).toEqual(['Content-Length', '5', 'x', '1'])
  })

  it.each([
    ['text/event-stream', true],
    [' Text/Event-Stream; charset=utf-8', true],
    ['text/plain', false],
    ['x, text/event-stream', false],
  ])('takes the content type %j for a stream: %s', (type, isStream) => {
    expect(headOf(200, '', ['Content-Type', type]).isStream).toBe(isStream)
    for (const name of ['x-content-type', 'content-type-x']) {
      expect(headOf(200, '', [name, type]).isStream).toBe(false)
    }
  })

  it('refuses a reason with a control character', () => {
    expect(() => headOf(200, 'O\x01K', [])).toThrow(
      expect.objectContaining({ code: 'upstream/protocol' }),
    )
  })

  it.each([
    ['OK', 'OK'],
    ['a\tb', 'a\tb'],
    ['', ''],
    ['caf\xe9', ''],
    ['my s3cret', ''],
  ])('gives the reason %j as %j', (reason, expected) => {
    expect(headOf(200, reason, []).reason).toBe(expected)
  })
})

describe('sendHints', () => {
  /** What a client reads when a server does this before it answers. */
  async function answered(before: (response: ServerResponse) => void, version = '1.1') {
    const server = createServer((_message, response) => {
      before(response)
      response.end('ok')
    })
    const request = `GET / HTTP/${version}\r\nHost: a\r\nConnection: close\r\n\r\n`
    return (await rawRequest(await listening(server), request)).text
  }
  const hinted = (...fields: string[]) => answered((response) => sendHints(response, fields, RULES))

  it('hands the links on and nothing else', async () => {
    const text = await hinted(
      'Link',
      '</a>; rel=preload',
      'X-Link',
      '</x>',
      'LINK',
      '</b>;rel="x y",</c>',
    )
    expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: ([^\r]*)\r\n\r\nHTTP\/1\.1 200 OK/)
    expect(/Link: ([^\r]*)/.exec(text)?.[1]).toBe('</a>; rel=preload, </c>')
  })

  it.each([
    ['</a>; rel=preload; as="style"', true],
    ['</a> ;\trel=x;crossorigin', true],
    ['</a>', true],
    ['</a>; rel=""', true],
    ['</a b>', false],
    ['</a>; rel="a;b"', false],
    ['</a> rel=x', false],
    ['a; rel=x', false],
    ['x</a>', false],
    ['</a>; rel="x', false],
  ])('hands the link %s on: %s', async (link, isHandedOn) => {
    expect((await hinted('link', link)).startsWith('HTTP/1.1 103')).toBe(isHandedOn)
  })

  it('sends no hints without a link', async () => {
    expect(await hinted('X-A', '1')).toMatch(/^HTTP\/1\.1 200/)
  })

  it('T044 takes a credential out of a link', async () => {
    expect(await hinted('Link', '</a?b&c=s3cret>; rel=preload')).toContain('Link: </a?b>; rel')
  })

  it('sends none to a client of HTTP/1.0, and none behind the head of the answer', async () => {
    const hint = (response: ServerResponse) => sendHints(response, ['Link', '</a>'], RULES)
    expect(await answered(hint, '1.0')).toMatch(/^HTTP\/1\.1 200/)
    const late = await answered((response) => {
      response.flushHeaders()
      hint(response)
    })
    expect(late).not.toContain('103')
  })

  it('sends none to a client that does not read', async () => {
    const text = await answered((response) => {
      response.socket?.write(Buffer.alloc(5_000_000, 'x'))
      sendHints(response, ['Link', '</a>'], RULES)
    })
    expect(text).not.toContain('103 Early')
  })

  it('sends none to a client that has gone', async () => {
    const { promise, resolve } = Promise.withResolvers<ServerResponse>()
    const server = createServer((_message, response) => {
      response.once('close', () => resolve(response)).destroy()
    })
    const port = await listening(server)
    await rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const response = await promise
    expect(() => sendHints(response, ['Link', '</a>'], RULES)).not.toThrow()
  })
})
