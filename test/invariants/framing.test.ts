import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EveryPlace, startEveryPlace } from '../support/every-place.ts'
import { whyNoSecondParser } from '../support/second-parser.ts'

let places: EveryPlace
let callers = 0

/** Bytes that have no place in the name of a coding, but may have one around it. */
const BYTES = [...range(0x01, 0x20), ...range(0x7f, 0xff)]

/** Where such a byte stands in the line. */
const LINES: Readonly<Record<string, (byte: string) => string>> = {
  'before the value': (byte) => `Transfer-Encoding: ${byte}chunked\r\n`,
  'in the value': (byte) => `Transfer-Encoding: chu${byte}nked\r\n`,
  'after the value': (byte) => `Transfer-Encoding: chunked${byte}\r\n`,
  'in the line end': (byte) => `Transfer-Encoding: chunked\r${byte}\n`,
  'before the name': (byte) => `${byte}Transfer-Encoding: chunked\r\n`,
  'after the name': (byte) => `Transfer-Encoding${byte}: chunked\r\n`,
}

/** A body that ends elsewhere for who reads the length than for who reads the chunks, and one without a length. */
const BODIES: Readonly<Record<string, readonly [length: string, body: string]>> = {
  'CL.TE': ['Content-Length: 6\r\n', '0\r\n\r\nG'],
  'TE.CL': ['Content-Length: 3\r\n', '1\r\nZ\r\n0\r\n\r\n'],
  TE: ['', '1\r\nZ\r\n0\r\n\r\n'],
}

describe.skipIf(whyNoSecondParser !== undefined)('I2 two parsers read the same', () => {
  beforeAll(async () => {
    places = await startEveryPlace()
  })
  afterAll(() => places?.close())

  async function statusOf(fields: string, body: string): Promise<number> {
    callers += 1
    const head = `POST /header HTTP/1.1\r\nHost: a\r\nX-Caller: c${callers}\r\n`
    const { reply, requests } = await places.exchange(
      Buffer.from(`${head}${fields}\r\n${body}`, 'latin1'),
    )
    expect(requests).toHaveLength(reply.status === 200 ? 1 : 0)
    return reply.status
  }

  describe.each(Object.entries(BODIES))(
    'T025 in a body of %s with any byte',
    (_, [length, body]) => {
      it.each(Object.entries(LINES))('%s', async (_place, line) => {
        const served: number[] = []
        for (const byte of BYTES) {
          const coding = line(String.fromCharCode(byte))
          const statuses = [
            await statusOf(length + coding, body),
            await statusOf(coding + length, body),
          ]
          for (const status of statuses.filter((status) => status !== 200)) {
            expect([400, 501]).toContain(status)
          }
          if (statuses.includes(200)) served.push(byte)
        }
        // white space around a value is no part of it (RFC 9110 section 5.5)
        expect(served.filter((byte) => byte !== 0x09 && byte !== 0x20)).toEqual([])
      })
    },
  )

  it('and nothing is served behind an answer that ends the connection', async () => {
    const get = (caller: string, fields = '') =>
      `GET /header HTTP/1.1\r\nHost: a\r\nX-Caller: ${caller}\r\n${fields}\r\n`
    const { requests } = await places.exchange([
      get('1', 'Expect: 100-continue\r\n') + get('2') + get('3'),
    ])
    expect(requests.map(({ values }) => values('x-caller'))).toEqual([['1']])
  })
})

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
