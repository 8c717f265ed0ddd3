import { describe, expect, it } from 'vitest'
import { createChunkedDecoder } from '../../../../src/forward/http1/chunked-decoder.ts'

/** What a decoder tells of each of the pieces, and where in the last it stops. */
function decode(...pieces: readonly string[]) {
  const decoder = createChunkedDecoder()
  const told: string[][] = []
  let end = 0
  for (const piece of pieces) {
    const chunks: string[] = []
    const bytes = Buffer.from(piece, 'latin1')
    end = decoder.decode(bytes, 0, (chunk) => chunks.push(chunk.toString('latin1')))
    told.push(chunks)
    bytes.fill('#')
  }
  return { told, end, isOver: decoder.isOver() }
}

describe('the chunks that come in one piece', () => {
  it('are told as one, so that a thousand of one octet are not a thousand writes', () => {
    expect(decode('1\r\na\r\n'.repeat(1000)).told).toEqual([['a'.repeat(1000)]])
  })

  it('are told up to the end, and what follows is left alone', () => {
    const piece = '2\r\nab\r\n3;x\r\ncde\r\n0\r\nT: 1\r\n\r\n'
    expect(decode(`${piece}more`)).toEqual({
      told: [['abcde']],
      end: piece.length,
      isOver: true,
    })
  })
})

it('tells nothing where no content has come', () => {
  expect(decode('1', '\r', '\na\r', '\n0\r\n', '\r\n')).toMatchObject({
    told: [[], [], ['a'], [], []],
    isOver: true,
  })
})
