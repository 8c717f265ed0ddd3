import { afterEach, describe, expect, it } from 'vitest'
import { rawRequest } from './raw-client.ts'
import { type RecordingUpstream, type Replier, recordingUpstream } from './recording-upstream.ts'

let upstream: RecordingUpstream

async function send(bytes: string | readonly string[], reply?: Replier) {
  upstream = await recordingUpstream(reply)
  return rawRequest(upstream.port, bytes, { halfClose: true, pause: 20, timeout: 2_000 })
}

afterEach(() => upstream.close())

describe('recordingUpstream', () => {
  it('keeps exact bytes and splits them into requests', async () => {
    const first = 'POST /a?x HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\nhi'
    const second = 'POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    const reply = await send([first.slice(0, 30), `${first.slice(30)}${second}`])
    expect(reply.status).toBe(200)
    expect(upstream.connections().map(String)).toEqual([first + second])
    expect(upstream.leftovers()).toEqual([])
    const seen = upstream
      .requests()
      .map(({ target, body, values }) => [target, `${body}`, values('X-A')])
    expect(seen).toEqual([
      ['/a?x', 'hi', ['1', '2']],
      ['/b', 'abc', []],
    ])
  })

  it('answers each request as told', async () => {
    const reply = await send('GET /x HTTP/1.1\r\n\r\n', ({ target }, socket) => {
      socket.end(`HTTP/1.1 404 No\r\n\r\n${target}`)
      return undefined
    })
    expect(reply).toMatchObject({
      status: 404,
      ended: 'closed',
      text: expect.stringMatching(/\/x$/),
    })
  })

  it.each([
    ['two framing fields', 'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n'],
    ['a length twice', 'Content-Length: 0\r\ncontent-length: 0\r\n'],
    ['a length that is not canonical', 'Content-Length: 00\r\n'],
    ['a folded line', 'X-A: 1\r\n 2\r\n'],
    ['a bare LF', 'X-A: 1\nX-B: 2\r\n'],
    ['space before the colon', 'X-A : 1\r\n'],
  ])('complains of %s', async (_case, fields) => {
    await send(`GET / HTTP/1.1\r\n${fields}\r\n`, '')
    expect(() => upstream.requests()).toThrow()
  })

  it('tells which bytes belong to no request', async () => {
    await send('GET / HTTP/1.1\r\n\r\nGET', undefined)
    expect(upstream.requests()).toHaveLength(1)
    expect(upstream.leftovers().map(String)).toEqual(['GET'])
  })
})
