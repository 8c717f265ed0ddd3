import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Http1Head } from '../../../../src/forward/http1/response-head.ts'
import { createResponseParser } from '../../../../src/forward/http1/response-parser.ts'

/** What a parser says to pieces of an answer, and to the end of its connection when that comes. */
function parse(pieces: readonly string[], { method = 'GET', ends = false } = {}) {
  const heads: Http1Head[] = []
  const content: Buffer[] = []
  const parser = createResponseParser({
    onHead: (head) => void heads.push(head),
    onData: (chunk) => void content.push(Buffer.from(chunk)),
  })
  let surplus = ''
  let fault: unknown
  parser.begin(method)
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece, 'latin1')
      const isPast = parser.isOver || parser.isSwitched
      const end = isPast ? 0 : parser.read(bytes)
      surplus += bytes.toString('latin1', end)
      // a connection reads the next into the same memory
      bytes.fill('#')
    }
    if (ends) parser.end()
  } catch (error) {
    fault = (error as { code?: unknown }).code ?? error
  }
  return {
    statuses: heads.map(({ status }) => status),
    heads,
    content: Buffer.concat(content).toString('latin1'),
    surplus,
    fault,
    isOver: parser.isOver,
    isSwitched: parser.isSwitched,
    keepsAlive: parser.framing?.keepsAlive,
  }
}

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`

describe('an answer', () => {
  it.each<[string, string, string, boolean]>([
    ['of a length', `${OK}Content-Length: 5\r\n\r\nhello`, 'hello', true],
    ['of no content', `${OK}content-length: 0\r\n\r\n`, '', true],
    ['in chunks', `${CHUNKED}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`, 'hello!', true],
    [
      'in chunks with extensions',
      `${CHUNKED}A;a="b";c\r\n0123456789\r\n0;x\r\n\r\n`,
      '0123456789',
      true,
    ],
    [
      'in chunks with leading zeros',
      `${CHUNKED}0000a\r\n0123456789\r\n000\r\n\r\n`,
      '0123456789',
      true,
    ],
    ['in chunks with trailers', `${CHUNKED}1\r\na\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n`, 'a', true],
    ['in a coding in other letters', `${OK}TRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n`, '', true],
    ['that is the last', `${OK}Connection: close\r\nContent-Length: 1\r\n\r\na`, 'a', false],
    [
      'that is the last among others',
      `${OK}connection: x, Close ,y\r\ncontent-length: 1\r\n\r\na`,
      'a',
      false,
    ],
    [
      'of an option like close',
      `${OK}connection: closed, not-close\r\ncontent-length: 1\r\n\r\na`,
      'a',
      true,
    ],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', 'a', false],
    [
      'of HTTP/1.0 that stays',
      'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na',
      'a',
      true,
    ],
    [
      'of HTTP/1.0 that is in two minds',
      'HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\ncontent-length: 1\r\n\r\na',
      'a',
      false,
    ],
    ['without a reason', 'HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n', '', true],
    ['without a reason or a blank', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', '', true],
  ])('%s is read', (_case, text, content, keepsAlive) => {
    expect(parse([text])).toMatchObject({
      statuses: [200],
      content,
      surplus: '',
      fault: undefined,
      isOver: true,
      keepsAlive,
    })
  })

  it.each([
    ['HEAD', `${OK}Content-Length: 5\r\n\r\n`],
    ['HEAD', CHUNKED],
    ['GET', 'HTTP/1.1 204 No\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not\r\nETag: "a"\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ])('to %s ends with its head: %j', (method, text) => {
    expect(parse([`${text}hello`], { method })).toMatchObject({
      content: '',
      surplus: 'hello',
      isOver: true,
    })
  })

  it.each([
    ['HTTP/1.1 204 No\r\n\r\n', true],
    ['HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n', false],
    ['HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n', false],
  ])(
    'without content leaves its connection for others, unless it speaks of some: %j',
    (text, expected) => {
      expect(parse([text]).keepsAlive).toBe(expected)
    },
  )

  it.each([[`${OK}Content-Length: 2\r\n\r\nok`], [`${CHUNKED}2\r\nok\r\n0\r\n\r\n`]])(
    'never has bytes that come behind it',
    (text) => {
      expect(parse([`${text}HTTP/1.1 200 OK\r\n`, '\r\n'])).toMatchObject({
        statuses: [200],
        content: 'ok',
        surplus: 'HTTP/1.1 200 OK\r\n\r\n',
      })
    },
  )

  it('comes behind interim ones', () => {
    const { statuses, fault } = parse([
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.0 199 x\r\n\r\n',
      `${OK}Content-Length: 0\r\n\r\n`,
    ])
    expect([statuses, fault]).toEqual([[100, 103, 199, 200], undefined])
  })

  it('is over for HTTP when the protocol changes, and what follows is left', () => {
    const found = parse(['HTTP/1.1 101 Go\r\nContent-Length: 9\r\n\r\nHTTP/1.1', ' 200'])
    expect(found).toMatchObject({
      statuses: [101],
      isSwitched: true,
      surplus: 'HTTP/1.1 200',
      content: '',
    })
  })

  it.each([`${OK}\r\nuntil the end`, 'HTTP/1.0 200 OK\r\nx: 1\r\n\r\nuntil the end'])(
    'without a length ends with its connection, which serves no other: %j',
    (text) => {
      expect(parse([text])).toMatchObject({ content: 'until the end', isOver: false })
      expect(parse([text], { ends: true })).toMatchObject({
        content: 'until the end',
        isOver: true,
        keepsAlive: false,
        fault: undefined,
      })
    },
  )

  it.each([
    ['nothing', ''],
    ['a part of the head', 'HTTP/1.1 2'],
    ['the head of an interim answer', 'HTTP/1.1 103 Early\r\n\r\n'],
    ['a part of the content', `${OK}Content-Length: 5\r\n\r\nhell`],
    ['no content', `${OK}Content-Length: 5\r\n\r\n`],
    ['no last chunk', `${CHUNKED}2\r\nok\r\n`],
    ['no end of the trailers', `${CHUNKED}0\r\n`],
    ['no end of a chunk', `${CHUNKED}2\r\nok`],
  ])('is cut off when its connection ends after %s', (_what, text) => {
    expect(parse([text], { ends: true })).toMatchObject({ fault: 'UPSTREAM_CLOSED', isOver: false })
  })

  it('is not expected of a parser that nothing was asked of', () => {
    const parser = createResponseParser({ onHead() {}, onData() {} })
    expect(parser.isOver).toBe(true)
    expect(() => parser.read(Buffer.from(OK))).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }),
    )
    expect(() => parser.end()).not.toThrow()
  })

  it('begins anew after one that was left', () => {
    const heads: number[] = []
    const parser = createResponseParser({ onHead: ({ status }) => heads.push(status), onData() {} })
    parser.begin('GET')
    parser.read(Buffer.from('HTTP/1.1 2'))
    parser.begin('GET')
    expect(parser.framing).toBeUndefined()
    parser.read(Buffer.from(`${OK}Content-Length: 0\r\n\r\n`))
    expect([heads, parser.isOver]).toEqual([[200], true])
  })
})

const LENGTH = 'Content-Length: 2\r\n\r\nok'
const long = (size: number) => 'a'.repeat(size)

/** Answers that nobody is to make sense of. */
const MALFORMED: readonly (readonly [string, string])[] = [
  ['garbage', 'garbage\r\n\r\n'],
  ['another protocol', `RTSP/1.0 200 OK\r\n${LENGTH}`],
  ['another version', `HTTP/1.2 200 OK\r\n${LENGTH}`],
  ['another major version', `HTTP/2.0 200 OK\r\n${LENGTH}`],
  ['HTTP/0.9', `HTTP/0.9 200 OK\r\n${LENGTH}`],
  ['a version in small letters', `http/1.1 200 OK\r\n${LENGTH}`],
  ['a blank before', ` ${OK}${LENGTH}`],
  ['an empty line before', `\r\n${OK}${LENGTH}`],
  ['an empty line behind an interim answer', `HTTP/1.1 100 C\r\n\r\n\r\n${OK}${LENGTH}`],
  ['two blanks before the status', `HTTP/1.1  200 OK\r\n${LENGTH}`],
  ['a tab before the status', `HTTP/1.1\t200 OK\r\n${LENGTH}`],
  ['a status below 100', `HTTP/1.1 099 X\r\n${LENGTH}`],
  ['a status of two digits', `HTTP/1.1 20 X\r\n${LENGTH}`],
  ['a status of four digits', `HTTP/1.1 2000 X\r\n${LENGTH}`],
  ['a status that is no number', `HTTP/1.1 2x0 X\r\n${LENGTH}`],
  ['a negative status', `HTTP/1.1 -20 X\r\n${LENGTH}`],
  ['a control character in the reason', `HTTP/1.1 200 O\x01K\r\n${LENGTH}`],
  ['NUL in the reason', `HTTP/1.1 200 O\0K\r\n${LENGTH}`],
  ['CR in the reason', `HTTP/1.1 200 O\rK\r\n${LENGTH}`],
  ['lines that end with LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
  ['a status line that ends with LF', `HTTP/1.1 200 OK\n${LENGTH}`],
  ['a field line that ends with LF', `${OK}X: 1\nY: 2\r\n${LENGTH}`],
  ['lines that end with CR', `HTTP/1.1 200 OK\rX: 1\r\r\n${LENGTH}`],
  ['CR CR LF', `HTTP/1.1 200 OK\r\r\n${LENGTH}`],
  ['a folded line', `${OK}X: 1\r\n 2\r\n${LENGTH}`],
  ['a line folded with a tab', `${OK}X: 1\r\n\t2\r\n${LENGTH}`],
  ['a blank before the first field', `${OK} X: 1\r\n${LENGTH}`],
  ['a blank before a colon', `${OK}X : 1\r\n${LENGTH}`],
  ['a tab before a colon', `${OK}Content-Length\t: 2\r\n\r\nok`],
  ['no name', `${OK}: 1\r\n${LENGTH}`],
  ['no colon', `${OK}NoColon\r\n${LENGTH}`],
  ['a name with a blank', `${OK}X Y: 1\r\n${LENGTH}`],
  ['a name beyond ASCII', `${OK}X\xef: 1\r\n${LENGTH}`],
  ['a name with a control character', `${OK}X\x01: 1\r\n${LENGTH}`],
  ['a name with a delimiter', `${OK}X(: 1\r\n${LENGTH}`],
  ['NUL in a value', `${OK}X: a\0b\r\n${LENGTH}`],
  ['CR in a value', `${OK}X: a\rb\r\n${LENGTH}`],
  ['DEL in a value', `${OK}X: a\x7fb\r\n${LENGTH}`],
  ['VT in a value', `${OK}X: a\vb\r\n${LENGTH}`],
  ['a field of 20 KB', `${OK}X: ${long(20_000)}\r\n${LENGTH}`],
  ['fields of 17 KB together', `${OK}${`X: ${long(1000)}\r\n`.repeat(17)}${LENGTH}`],
  ['a status line of 40 KB', `HTTP/1.1 200 ${long(40_000)}\r\n${LENGTH}`],
  ['a status line without end', `HTTP/1.1 200 ${long(40_000)}`],
  ['two lengths', `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`],
  ['one length twice', `${OK}Content-Length: 2\r\ncontent-length: 2\r\n\r\nok`],
  ['a list of lengths', `${OK}Content-Length: 2, 2\r\n\r\nok`],
  ['a length with a sign', `${OK}Content-Length: +2\r\n\r\nok`],
  ['a negative length', `${OK}Content-Length: -2\r\n\r\nok`],
  ['a length in hexadecimal', `${OK}Content-Length: 0x2\r\n\r\nok`],
  ['a length with a fraction', `${OK}Content-Length: 2.0\r\n\r\nok`],
  ['an empty length', `${OK}Content-Length:\r\n\r\nok`],
  ['a length with NBSP', `${OK}Content-Length: 2\xa0\r\n\r\nok`],
  ['a length of 17 digits', `${OK}Content-Length: 10000000000000002\r\n\r\nok`],
  ['a length and chunks', `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks and a length', `${OK}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n`],
  [
    'chunks twice',
    `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['chunked twice in a line', `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
  ['another coding', `${OK}Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n`],
  ['another coding besides', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['another coding behind', `${OK}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['identity', `${OK}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
  ['an empty coding', `${OK}Transfer-Encoding:\r\n\r\n0\r\n\r\n`],
  ['a coding with VT', `${OK}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
  ['a quoted coding', `${OK}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
  ['chunks of HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a size with a prefix', `${CHUNKED}0x2\r\nok\r\n0\r\n\r\n`],
  ['a size with a sign', `${CHUNKED}+2\r\nok\r\n0\r\n\r\n`],
  ['a negative size', `${CHUNKED}-2\r\nok\r\n0\r\n\r\n`],
  ['a size with a separator', `${CHUNKED}0_2\r\nok\r\n0\r\n\r\n`],
  ['a blank before a size', `${CHUNKED} 2\r\nok\r\n0\r\n\r\n`],
  ['a blank behind a size', `${CHUNKED}2 \r\nok\r\n0\r\n\r\n`],
  ['no size', `${CHUNKED}\r\nok\r\n0\r\n\r\n`],
  ['an extension without a size', `${CHUNKED};a\r\nok\r\n0\r\n\r\n`],
  ['a size that is none', `${CHUNKED}zz\r\nok\r\n0\r\n\r\n`],
  ['a size of 17 digits', `${CHUNKED}00000000000000002\r\nok\r\n0\r\n\r\n`],
  ['a size of 2^52', `${CHUNKED}10000000000000\r\nok\r\n0\r\n\r\n`],
  ['a size line that ends with LF', `${CHUNKED}2\nok\r\n0\r\n\r\n`],
  ['a chunk that ends with LF', `${CHUNKED}2\r\nok\n0\r\n\r\n`],
  ['a chunk that goes on', `${CHUNKED}2\r\nokay\r\n0\r\n\r\n`],
  ['a chunk that ends too early', `${CHUNKED}4\r\nok\r\n0\r\n\r\n`],
  ['CR in an extension', `${CHUNKED}2;\rxx\r\nok\r\n0\r\n\r\n`],
  ['LF in an extension', `${CHUNKED}2;\nxx\r\nok\r\n0\r\n\r\n`],
  ['an extension of 5 KB', `${CHUNKED}2;${long(5000)}\r\nok\r\n0\r\n\r\n`],
  ['an extension without end', `${CHUNKED}2;${long(5000)}`],
  ['an empty line that ends with LF', `${CHUNKED}0\r\n\n`],
  ['a trailer without a colon', `${CHUNKED}0\r\nx\r\n\r\n`],
  ['a blank before the colon of a trailer', `${CHUNKED}0\r\nx : 1\r\n\r\n`],
  ['a folded trailer', `${CHUNKED}0\r\nx: 1\r\n 2\r\n\r\n`],
  ['a trailer with NUL', `${CHUNKED}0\r\nx: \0\r\n\r\n`],
  ['a trailer of 17 KB', `${CHUNKED}0\r\nx: ${long(17_000)}\r\n\r\n`],
  ['trailers of 17 KB together', `${CHUNKED}0\r\n${`x: ${long(1000)}\r\n`.repeat(17)}\r\n`],
]

describe('T024 an answer is refused', () => {
  it.each(MALFORMED)('with %s', (_case, text) => {
    const { fault, isOver } = parse([text])
    expect([fault, isOver]).toEqual(['UPSTREAM_MALFORMED', false])
  })

  it.each(MALFORMED)('byte by byte with %s', (_case, text) => {
    expect(parse([...text])).toMatchObject({ fault: 'UPSTREAM_MALFORMED', isOver: false })
  })

  it.each([
    ['a start that is no HTTP', 'x'],
    ['a start that goes on as no HTTP', 'HTTP/1.12'],
    ['a line that ends with LF', 'HTTP/1.1 200 OK\n'],
    ['a field line that ends with LF', `${OK}x: 1\n`],
  ])('before its head has ended: %s', (_case, text) => {
    expect(parse([text]).fault).toBe('UPSTREAM_MALFORMED')
  })
})

it('takes fields of just under 16 KiB', () => {
  const fields = `X: ${'a'.repeat(16_382)}\r\n`
  expect(parse([`${OK}${fields}\r\n`]).fault).toBe(undefined)
  expect(parse([`${OK}a${fields}\r\n`]).fault).toBe('UPSTREAM_MALFORMED')
})

it('reads the same of an answer wherever its bytes are cut', () => {
  const whole = fc.constantFrom(
    `HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n${OK}X-A: 1\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n`,
    `HTTP/1.1 100 C\r\n\r\n${CHUNKED}5;a=b\r\nhello\r\nc\r\n\r\n0\r\n\r\nhello!\r\n0\r\nX: 1\r\n\r\n rest`,
    `${OK}\r\n0\r\n\r\n${OK}`,
    'HTTP/1.1 204 No\r\n\r\nHTTP/1.1',
    'HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n\x81\x05hello\r\n\r\n',
    ...MALFORMED.map(([, text]) => text).filter((text) => text.length < 200),
  )
  fc.assert(
    fc.property(
      whole,
      fc.array(fc.nat(200), { maxLength: 8 }),
      fc.boolean(),
      (text, cuts, ends) => {
        const edges = [
          0,
          ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b),
          text.length,
        ]
        const pieces = edges.slice(1).map((end, index) => text.slice(edges[index], end))
        const [cut, uncut] = [parse(pieces, { ends }), parse([text], { ends })]
        expect({ ...cut, surplus: '' }).toEqual({ ...uncut, surplus: '' })
        if (uncut.fault === undefined) expect(cut.surplus).toBe(uncut.surplus)
      },
    ),
    { numRuns: 2000 },
  )
})

it('reads what was meant of any content in any chunks', () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 6 }), fc.nat(2000), (chunks, cut) => {
      const texts = chunks.map((bytes) => Buffer.from(bytes).toString('latin1'))
      const coded = texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('')
      const text = `${CHUNKED}${coded}0\r\n\r\n`
      expect(parse([text.slice(0, cut), text.slice(cut)])).toMatchObject({
        content: texts.join(''),
        isOver: true,
        surplus: '',
      })
    }),
  )
})
