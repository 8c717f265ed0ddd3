import { CountersignError } from '../errors.ts'
import type { Multimap } from '../types.ts'
import { clientGone } from './client-gone.ts'
import { linesOf } from './multimap.ts'

/** A request body as it arrives: an `IncomingMessage`, or any iterable of bytes. */
export interface BodyStream extends AsyncIterable<Uint8Array> {
  /** As in `stream.Readable`. */
  iterator?(options: { destroyOnReturn: boolean }): AsyncIterable<Uint8Array>
}

/**
 * Reads a body of at most `limit` bytes. `declaredLength` is the client's `Content-Length`; a body that
 * ends before or after it is `request/malformed`. Throws `body/too-large`, before any read when the declared
 * length tells, and `request/aborted` when the client went away.
 */
export async function readBody(
  stream: BodyStream,
  limit: number,
  declaredLength?: number,
): Promise<Buffer> {
  if (declaredLength !== undefined && declaredLength > limit) throw tooLarge(limit)
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of keptOpen(stream)) {
      length += chunk.length
      if (length > limit) throw tooLarge(limit)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof CountersignError) throw error
    throw clientGone(error)
  }
  if (declaredLength !== undefined && length !== declaredLength) {
    throw new CountersignError('request/malformed', 'expected as many bytes as Content-Length says')
  }
  return Buffer.concat(chunks, length)
}

/** Refuses a body in any content coding (RFC 9110 section 8.4) but `identity`, with `body/encoding`. */
export function checkBodyEncoding(headers: Multimap): void {
  for (const line of linesOf(headers, 'content-encoding')) {
    const coding = line.trim().toLowerCase()
    if (coding !== '' && coding !== 'identity') {
      throw new CountersignError('body/encoding', 'expected a body without a content coding')
    }
  }
}

// Leaving the loop early would destroy the socket, and the client would never read our answer.
function keptOpen(stream: BodyStream): AsyncIterable<Uint8Array> {
  return stream.iterator?.({ destroyOnReturn: false }) ?? stream
}

function tooLarge(limit: number): CountersignError {
  return new CountersignError('body/too-large', `expected a body of at most ${limit} bytes`)
}
