import { describe, expect, it } from 'vitest'
import { createHeadReader } from '../../../../src/forward/http1/head-reader.ts'

/** Reads pieces that stand one after the other in the same memory, as those of a connection do. */
function read(pieces: readonly string[], { offset = 0 } = {}) {
  const reader = createHeadReader()
  const shared = Buffer.alloc(64 * 1024, '#')
  for (const piece of pieces) {
    const bytes = shared.subarray(0, offset + piece.length)
    bytes.write(piece, offset, 'latin1')
    const { head, end } = reader.read(bytes, offset)
    if (head) return { head, left: bytes.toString('latin1', end) }
    shared.fill('#')
  }
  return undefined
}

const HEAD = `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(3000)}\r\nX-B: ${'b'.repeat(9000)}\r\n\r\n`

describe('a head', () => {
  it.each([1, 2, 3, 700, 4095, 4096, 4097])(
    'is read in pieces of %d octets, and what follows is left',
    (size) => {
      const pieces = `${HEAD}rest`.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
      const { head, left } = read(pieces, { offset: 5 }) ?? {}
      expect(head?.fields.map(({ length }) => length)).toEqual([3, 3000, 3, 9000])
      expect('rest'.startsWith(left ?? '#')).toBe(true)
    },
  )

  it.each([
    ['of another protocol', ['H', 'T', 'P']],
    ['with a bare LF that comes alone', ['HTTP/1.1 200 OK', '\n']],
    [
      'that is too long',
      Array(40)
        .fill(`${'x'.repeat(1000)}\r\n`)
        .with(0, 'HTTP/1.1 200 OK\r\n'),
    ],
  ])('%s is refused before its end', (_what, pieces) => {
    expect(() => read(pieces)).toThrow(expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }))
  })
})

it('reads a head anew after what had come of another is forgotten', () => {
  const reader = createHeadReader()
  reader.read(Buffer.from('HTTP/1.1 500 No\r\nx: 1'), 0)
  reader.reset()
  const { head } = reader.read(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), 0)
  expect(head).toMatchObject({ status: 200, fields: [] })
})
