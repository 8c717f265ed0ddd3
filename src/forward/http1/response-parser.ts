import { malformed, wireError } from '../wire-error.ts'
import { type ChunkedDecoder, createChunkedDecoder } from './chunked-decoder.ts'
import { type Framing, framingOf } from './framing.ts'
import { createHeadReader } from './head-reader.ts'
import type { Http1Head } from './response-head.ts'

/** Who is told what a parser finds. */
export interface ResponseEvents {
  /** A head, of an interim answer too. */
  onHead(head: Http1Head): void
  /** What there is of the content, once for each `read`, and the last that is told in it. */
  onData(chunk: Buffer): void
}

/** Reads the answers of one connection (RFC 9112), one after the other, strictly: in one way or not at all. */
export interface ResponseParser {
  /** Expects the answer to a request of this method. */
  begin(method: string): void
  /**
   * Reads bytes up to the end of the answer or to a change of protocol, and gives the offset behind it. Throws
   * `UPSTREAM_MALFORMED`.
   */
  read(bytes: Buffer): number
  /** The connection has ended. Throws `UPSTREAM_CLOSED` when that is not the end of the answer. */
  end(): void
  /** True when the answer is complete, or none has been expected. */
  readonly isOver: boolean
  /** True after the head of a 101: what follows is not HTTP. */
  readonly isSwitched: boolean
  /** Of the last final head. */
  readonly framing: Framing | undefined
}

/** Creates a parser that expects no answer. */
export function createResponseParser({ onHead, onData }: ResponseEvents): ResponseParser {
  const heads = createHeadReader()
  let state: 'over' | 'head' | 'content' | 'switched' = 'over'
  let method = ''
  let framing: Framing | undefined
  let chunks: ChunkedDecoder | undefined
  /** Octets that are to come of a content that is not chunked. */
  let left = 0

  function readHead(bytes: Buffer, at: number): number {
    const { head, end } = heads.read(bytes, at)
    if (!head) return end
    const found = framingOf(head, method)
    if (head.status === 101) {
      state = 'switched'
    } else if (head.status >= 200) {
      framing = found
      left = found.length
      chunks = found.isChunked ? createChunkedDecoder() : undefined
      state = chunks || left > 0 ? 'content' : 'over'
    }
    onHead(head)
    return end
  }
  function readContent(bytes: Buffer, at: number): number {
    if (chunks) {
      const end = chunks.decode(bytes, at, onData)
      if (chunks.isOver()) state = 'over'
      return end
    }
    const end = Math.min(bytes.length, at + left)
    left -= end - at
    if (left === 0) state = 'over'
    onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    return end
  }
  return {
    get isOver() {
      return state === 'over'
    },
    get isSwitched() {
      return state === 'switched'
    },
    get framing() {
      return framing
    },
    begin(asked) {
      method = asked
      state = 'head'
      framing = undefined
      heads.reset()
    },
    read(bytes) {
      if (state === 'over') throw malformed('no bytes that nobody asked for')
      let at = 0
      while (at < bytes.length) {
        if (state === 'head') at = readHead(bytes, at)
        else if (state === 'content') at = readContent(bytes, at)
        else break
      }
      return at
    },
    end() {
      const isUntilEnd = state === 'content' && left === Number.POSITIVE_INFINITY && !chunks
      if (state !== 'over' && !isUntilEnd) {
        throw wireError('UPSTREAM_CLOSED', 'expected the rest of an answer')
      }
      state = 'over'
    },
  }
}
