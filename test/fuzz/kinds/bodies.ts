import fc from 'fast-check'
import { jsonTexts } from '../../support/arbitrary-json.ts'
import { mutated } from '../../support/arbitrary-mutation.ts'
import { pairs } from '../../support/arbitrary-pairs.ts'
import { startEveryPlace } from '../../support/every-place.ts'
import { fuzz } from '../fuzz-kind.ts'

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** A path whose policy reads the body, or lets it stream, with its media type and content. */
const contents = fc.oneof(
  fc.tuple(
    fc.constant('/json'),
    types(JSON_TYPE),
    mutated(jsonTexts(['token']), ['"token"', '\\u0074', '\ud800']),
  ),
  fc.tuple(
    fc.constant('/deep'),
    types(JSON_TYPE),
    mutated(jsonTexts(['session', 'token']), ['"session":{', '"token"']),
  ),
  fc.tuple(
    fc.constant('/form'),
    types(FORM_TYPE),
    mutated(
      pairs('token').map((list) => list.join('&')),
      ['token=', '&'],
    ),
  ),
  fc.tuple(
    fc.constant('/header'),
    types('text/plain'),
    fc.string({ maxLength: 300, unit: 'binary' }).map(latin1),
  ),
)

function types(usual: string): fc.Arbitrary<string> {
  const odd = [
    '',
    'text/plain',
    `${usual};charset=utf-16`,
    `${usual}; charset="UTF-8"`,
    usual.toUpperCase(),
    '*/*',
  ]
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** Bytes after the head, with the framing lines in it. */
interface Framed {
  readonly lines: readonly string[]
  readonly bytes: string
}

function sized(content: string): fc.Arbitrary<Framed> {
  return fc.constantFrom(0, 0, 0, 0, -1, 1, 10).map((off) => {
    return { lines: [`Content-Length: ${Math.max(0, content.length + off)}`], bytes: content }
  })
}

function chunked(content: string): fc.Arbitrary<Framed> {
  const extension = fc.constantFrom('', '', '', '', ';a', ';a=b', ';a="b;c"', ' ', ';\x01')
  const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), extension), {
    minLength: 1,
    maxLength: 12,
  })
  const last = fc.constantFrom(
    '0\r\n\r\n',
    '0\r\n\r\n',
    '0\r\n\r\n',
    '000\r\n\r\n',
    '0;x\r\n\r\n',
    '0\r\nX-Trailer: 1\r\n\r\n',
    '0\r\nAuthorization: CLIENT\r\n\r\n',
    '0\n\n',
    '0\r\n',
    '',
  )
  return fc.tuple(cuts, last).map(([list, end]) => {
    let at = 0
    const chunks = list.map(([length, more], index) => {
      const part = content.slice(at, index === list.length - 1 ? undefined : at + length)
      at += part.length
      return part === '' ? '' : `${part.length.toString(16)}${more}\r\n${part}\r\n`
    })
    return { lines: ['Transfer-Encoding: chunked'], bytes: chunks.join('') + end }
  })
}

const inputs = contents.chain(([path, type, content]) =>
  fc
    .tuple(
      fc.oneof(sized(content), chunked(content)),
      fc.constantFrom(
        [],
        [],
        [],
        ['Expect: 100-continue'],
        ['Content-Encoding: gzip'],
        ['Content-Encoding: identity'],
      ),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 }),
      fc.boolean(),
    )
    .chain(([framed, more, cuts, breaks]) => {
      const lines = [`POST ${path} HTTP/1.1`, 'Host: a', 'X-Caller: c', ...framed.lines, ...more]
      const head = [...lines, ...(type === '' ? [] : [`Content-Type: ${type}`]), '', ''].join(
        '\r\n',
      )
      const bytes = breaks
        ? mutated(fc.constant(framed.bytes), ['0\r\n\r\n', '\r\n', 'f', '-'], 1)
        : fc.constant(framed.bytes)
      return bytes.map((body) => {
        const places = cuts.map((cut) => Math.floor(cut * body.length)).toSorted((a, b) => a - b)
        return [head, ...[0, ...places].map((at, index) => body.slice(at, places[index]))]
      })
    }),
)

/** Bodies of requests in pieces: JSON, forms and bytes, of a declared length or in chunks, whole or broken. */
export const bodies = fuzz<readonly string[]>({
  name: 'bodies',
  inputs,
  found: [],
  usual: ['200', '400'],
  limit: 1000,
  async start() {
    const places = await startEveryPlace()
    return {
      async check(pieces) {
        const { reply } = await places.exchange(pieces.filter((piece) => piece !== ''))
        return String(reply.status)
      },
      close: places.close,
    }
  },
})
