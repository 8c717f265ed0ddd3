import { CountersignError } from '../errors.ts'
import { eachField } from '../http/index.ts'

/**
 * Refuses, with `upstream/protocol`, an answer in a transfer coding other than `chunked`: it ends here (RFC
 * 9112 section 6.1), and parsers take off no other, so the client would get it as content.
 */
export function checkCoding(rawHeaders: readonly string[]): void {
  const codings: string[] = []
  eachField(rawHeaders, (name, value) => {
    if (name.toLowerCase() === 'transfer-encoding') codings.push(value.trim().toLowerCase())
  })
  if (codings.length > 0 && codings.join() !== 'chunked') {
    throw new CountersignError('upstream/protocol', 'expected no transfer coding but chunked')
  }
}
