import type { IncomingMessage } from 'node:http'
import type { Limits } from '../../compiled.ts'
import { CountersignError } from '../../errors.ts'

/** Bytes of a line beside name and value: `: ` and its end. */
const BESIDE = 4

/** Refuses a head with too many lines, or too many bytes in them, with `request/head-too-large`. */
export function checkSize(
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  { headerLines, headSize }: Pick<Limits, 'headerLines' | 'headSize'>,
): void {
  const lines = rawHeaders.length / 2
  if (lines > headerLines) throw tooLarge(`expected at most ${headerLines} header lines`)
  let bytes = lines * BESIDE
  for (const text of rawHeaders) bytes += text.length
  if (bytes > headSize) throw tooLarge(`expected header fields of at most ${headSize} bytes`)
}

function tooLarge(message: string): CountersignError {
  return new CountersignError('request/head-too-large', message)
}
