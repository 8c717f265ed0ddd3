import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closeFrame, createFrameBoundaries } from '../../../src/forward/frame-boundaries.ts'

/** A binary frame (RFC 6455 section 5.2) whose payload looks like the beginnings of others. */
function frame(length: number, mask = false): Buffer {
  const head = [0x82, ...lengthBytes(length, mask ? 0x80 : 0)]
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length + (mask ? 4 : 0), 0x81)])
}

function lengthBytes(length: number, mask: number): number[] {
  if (length < 126) return [mask | length]
  if (length < 65_536) return [mask | 126, length >> 8, length & 0xff]
  return [mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff]
}

/** Offsets of all boundaries in frames of these lengths. */
function ends(frames: readonly Buffer[]): number[] {
  let at = 0
  return [0, ...frames.map((bytes) => (at += bytes.length))]
}

describe('createFrameBoundaries', () => {
  it.each([0, 1, 125, 126, 127, 255, 256, 65_535, 65_536])(
    'skips a frame of %i bytes',
    (length) => {
      for (const mask of [false, true]) {
        const frames = createFrameBoundaries()
        const bytes = frame(length, mask)
        expect(frames.follow(bytes.subarray(0, -1))).toBe(0)
        expect(frames.atBoundary).toBe(false)
        expect(frames.follow(bytes.subarray(-1))).toBe(1)
        expect(frames.atBoundary).toBe(true)
      }
    },
  )

  it('reads lengths of 64 bits', () => {
    const frames = createFrameBoundaries()
    frames.follow(Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 1]))
    const block = new Uint8Array(2 ** 20)
    for (let read = 0; read < 2 ** 32; read += block.length) expect(frames.follow(block)).toBe(-1)
    expect(frames.follow(block.subarray(0, 1))).toBe(1)
  })

  it('gives the last boundary of each piece, however the frames are cut into pieces', () => {
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(65_535, 65_536)), {
      maxLength: 6,
    })
    fc.assert(
      fc.property(lengths, fc.boolean(), fc.array(fc.nat(70_000)), (sizes, mask, cuts) => {
        const parts = sizes.map((size) => frame(size, mask))
        const boundaries = ends(parts)
        const bytes = Buffer.concat(parts)
        const at = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length)])]
          .sort((a, b) => a - b)
          .concat(bytes.length)
        const frames = createFrameBoundaries()
        for (const [index, from] of at.slice(0, -1).entries()) {
          const to = at[index + 1] as number
          const found = frames.follow(bytes.subarray(from, to))
          const last = boundaries.filter((end) => end >= from && end <= to).at(-1)
          expect(found).toBe(last === undefined ? -1 : last - from)
          expect(frames.atBoundary).toBe(boundaries.includes(to))
        }
      }),
      { numRuns: 100 },
    )
  })
})

it('writes a close frame with its code', () => {
  expect([...closeFrame(1001)]).toEqual([0x88, 0x02, 0x03, 0xe9])
})
