import { unfit } from '../failure.ts'

/** Ways to write bytes as text. */
export const ENCODINGS: readonly string[] = ['hex', 'base64', 'base64url']

/** Bytes as text. Throws `expr/failed` for another encoding. */
export function encoded(bytes: Uint8Array, encoding: string): string {
  return Buffer.from(bytes).toString(known(encoding, ENCODINGS) as BufferEncoding)
}

/** The word, when it is one of those expected. Throws `expr/failed`. */
export function known(word: string, words: readonly string[]): string {
  if (words.includes(word)) return word
  throw unfit(`one of ${words.join(', ')}`)
}
