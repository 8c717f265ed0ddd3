import { Readable } from 'node:stream'
import { CountersignError } from '../errors.ts'
import type { Multimap } from '../types.ts'
import { clientGone } from './client-gone.ts'
import { linesOf } from './multimap.ts'

/**
 * Reads a body of at most `limit` bytes: of an `IncomingMessage`, or any iterable of bytes. `declaredLength` is the
 * client's `Content-Length`; a body that ends before or after it is `request/malformed`. Rejects with `body/too-large`,
 * before any read when the declared length tells, with `request/aborted` when the client went away, and with what
 * `count` throws, which is told the bytes of each part. The stream is left as it is then, and not destroyed.
 */
export function readBody(
  source: Readable | AsyncIterable<Uint8Array>,
  limit: number,
  declaredLength?: number,
  count?: (bytes: number) => void,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  if (declaredLength !== undefined && declaredLength > limit) {
    reject(tooLarge(limit))
    return promise
  }
  const stream = source instanceof Readable ? source : Readable.from(source)
  const chunks: Uint8Array[] = []
  let length = 0

  // by its events: an iterator costs two promises for each part
  function onData(chunk: Uint8Array): void {
    length += chunk.length
    try {
      if (length > limit) throw tooLarge(limit)
      count?.(chunk.length)
      chunks.push(chunk)
    } catch (error) {
      leave()
      stream.pause()
      reject(error)
    }
  }
  function onEnd(): void {
    leave()
    if (declaredLength === undefined || length === declaredLength) {
      resolve(Buffer.concat(chunks, length))
    } else {
      const expected = 'expected as many bytes as Content-Length says'
      reject(new CountersignError('request/malformed', expected))
    }
  }
  function onGone(error?: Error): void {
    leave()
    reject(clientGone(error))
  }
  function leave(): void {
    stream.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
  }
  if (stream.readableEnded) onEnd()
  else if (stream.destroyed) onGone(stream.errored ?? undefined)
  else stream.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone).resume()
  return promise
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

function tooLarge(limit: number): CountersignError {
  return new CountersignError('body/too-large', `expected a body of at most ${limit} bytes`)
}
