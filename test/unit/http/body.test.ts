import { createServer, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { checkBodyEncoding, readBody } from '../../../src/http/body.ts'
import { errorCode } from '../../support/error-code.ts'
import { listening } from '../../support/listening.ts'
import { rawRequest } from '../../support/raw-client.ts'

const chunks = (...texts: string[]) => Readable.from(texts.map((text) => Buffer.from(text)))

/** Runs `handle` on the message that a real server makes of these bytes. */
async function serve<T>(
  bytes: string | readonly string[],
  handle: (message: IncomingMessage) => Promise<T>,
  options: { halfClose?: boolean } = {},
) {
  const { promise, resolve } = Promise.withResolvers<T>()
  const server = createServer(async (message, response) => {
    const result = await handle(message)
    response.writeHead(413, { connection: 'close' }).end('sorry')
    resolve(result)
  })
  const port = await listening(server)
  const reply = await rawRequest(port, bytes, { pause: 20, timeout: 2_000, ...options })
  return { reply, result: await promise }
}

describe('readBody', () => {
  it('gives all bytes', async () => {
    expect((await readBody(chunks('ab', '', 'c'), 3)).toString()).toBe('abc')
    expect((await readBody(chunks(), 3)).length).toBe(0)
  })

  it('reads any iterable of bytes', async () => {
    async function* bytes() {
      yield new Uint8Array([1])
      yield new Uint8Array([2, 3])
    }
    expect([...(await readBody(bytes(), 3))]).toEqual([1, 2, 3])
  })

  it('destroys no stream that it reads no further', async () => {
    const stream = chunks('ab', 'cd', 'ef')
    expect(await errorCode(() => readBody(stream, 3))).toBe('body/too-large')
    expect(stream.destroyed).toBe(false)
  })

  it('takes a body of exactly the limit and refuses one byte more', async () => {
    expect(await errorCode(() => readBody(chunks('ab', 'c'), 3, 3))).toBe('none')
    expect(await errorCode(() => readBody(chunks('ab', 'cd'), 3))).toBe('body/too-large')
  })

  it('refuses a declared length over the limit before it reads', async () => {
    const stream = chunks('abcd')
    expect(await errorCode(() => readBody(stream, 3, 4))).toBe('body/too-large')
    expect(stream.readableDidRead).toBe(false)
  })

  it.each([
    [2, 'abc'],
    [4, 'abc'],
    [1, ''],
  ])('refuses %i declared bytes for %j', async (length, text) => {
    expect(await errorCode(() => readBody(chunks(text), 10, length))).toBe('request/malformed')
  })

  it('leaves the connection open for the answer when the body is too large', async () => {
    const bytes = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
    const { reply, result } = await serve(bytes, (message) => errorCode(() => readBody(message, 3)))
    expect(result).toBe('body/too-large')
    expect(reply.text).toMatch(/^HTTP\/1\.1 413 [\s\S]*sorry/)
  })

  it('says that the client went away', async () => {
    const bytes = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello'
    const read = (message: IncomingMessage) => errorCode(() => readBody(message, 99, 9))
    const { result } = await serve(bytes, read, { halfClose: true })
    expect(result).toBe('request/aborted')
  })
})

describe('checkBodyEncoding', () => {
  it.each([{}, { 'content-encoding': '' }, { 'content-encoding': ' Identity ' }])(
    'takes %j',
    (headers) => {
      expect(checkBodyEncoding(headers)).toBeUndefined()
    },
  )

  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'foo', 'identity, gzip'])(
    'refuses %s',
    async (coding) => {
      const headers = { 'content-encoding': coding }
      expect(await errorCode(() => checkBodyEncoding(headers))).toBe('body/encoding')
    },
  )

  it('looks at every line', async () => {
    const headers = { 'content-encoding': ['identity', 'gzip'] }
    expect(await errorCode(() => checkBodyEncoding(headers))).toBe('body/encoding')
  })
})
