import { malformed } from '../wire-error.ts'
import { FIELDS_LIMIT, isFieldLine } from './response-head.ts'

/** Reads one chunked content (RFC 9112 section 7.1); its extensions and trailers are checked and dropped. */
export interface ChunkedDecoder {
  /**
   * Reads bytes from the offset `at` on, and gives the offset behind what belongs to the content. What there is of the
   * chunks is told once, put together in the memory of `bytes`. Throws `UPSTREAM_MALFORMED`.
   */
  decode(bytes: Buffer, at: number, onData: (chunk: Buffer) => void): number
  /** True when the empty line after the last chunk has been read. */
  isOver(): boolean
}

/** Octets of a line with the size of a chunk and its extensions. */
const SIZE_LINE_LIMIT = 4096

/** Sizes up to 2^52 - 1, which are exact. */
const SIZE_LINE = /^([\dA-Fa-f]{1,13})(?:;[\t\x20-\x7e\x80-\xff]*)?$/

const LF = 0x0a

/** Starts before the first chunk. */
export function createChunkedDecoder(): ChunkedDecoder {
  let expected: 'size' | 'data' | 'end of data' | 'trailer' | 'nothing' = 'size'
  /** Octets of the chunk that are to come. */
  let left = 0
  /** What has come of a line. */
  let line = ''
  let trailerSize = 0

  function onLine(): void {
    if (expected === 'size') {
      const [, size] = SIZE_LINE.exec(line) ?? []
      if (size === undefined) throw malformed('the size of a chunk')
      left = Number.parseInt(size, 16)
      expected = left === 0 ? 'trailer' : 'data'
    } else if (expected === 'end of data') {
      if (line !== '') throw malformed('the end of a chunk')
      expected = 'size'
    } else if (line === '') {
      expected = 'nothing'
    } else {
      trailerSize += line.length
      if (!isFieldLine(line)) throw malformed('a trailer')
    }
  }
  /** Reads up to the end of a line, if it is there. */
  function readLine(bytes: Buffer, at: number): number {
    const found = bytes.indexOf(LF, at)
    const end = found < 0 ? bytes.length : found
    line += bytes.toString('latin1', at, end)
    const limit = expected === 'trailer' ? FIELDS_LIMIT - trailerSize : SIZE_LINE_LIMIT
    if (line.length > limit) throw malformed('a shorter line')
    if (found < 0) return end
    if (!line.endsWith('\r')) throw malformed('a line that ends with CR LF')
    line = line.slice(0, -1)
    onLine()
    line = ''
    return end + 1
  }
  return {
    isOver: () => expected === 'nothing',
    decode(bytes, from, onData) {
      let at = from
      let start = from
      let size = 0
      try {
        while (at < bytes.length && expected !== 'nothing') {
          if (expected !== 'data') {
            at = readLine(bytes, at)
            continue
          }
          const end = Math.min(bytes.length, at + left)
          left -= end - at
          if (left === 0) expected = 'end of data'
          // nearly always there is one chunk, which stays where it is
          if (size === 0) start = at
          else bytes.copyWithin(start + size, at, end)
          size += end - at
          at = end
        }
      } finally {
        // what comes before a fault has come all the same, however the bytes are cut
        if (size > 0) onData(bytes.subarray(start, start + size))
      }
      return at
    },
  }
}
