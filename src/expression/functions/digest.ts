import { createHash, createHmac } from 'node:crypto'
import { evaluationOf } from '../evaluation.ts'
import type { ExpressionFunction } from '../expression-function.ts'
import { ENCODINGS, encoded, known } from './encoding.ts'

const ALGORITHMS = ['sha256', 'sha384', 'sha512']

/** Digests and encodings of text as UTF-8, and the digest of the body. */
export const DIGEST = {
  sha256: digest('sha256'),
  sha384: digest('sha384'),
  sha512: digest('sha512'),
  hmac: {
    signature: '<ssss?:s>',
    words: { 0: ALGORITHMS, 3: ENCODINGS },
    call(algorithm?: string, secret?: string, text?: string, encoding = 'hex') {
      if (algorithm === undefined || secret === undefined || text === undefined) return undefined
      const hmac = createHmac(known(algorithm, ALGORITHMS), secret).update(text, 'utf8')
      return encoded(hmac.digest(), encoding)
    },
  },
  base64: text('base64'),
  base64url: text('base64url'),
  hex: text('hex'),
  bodyHash: {
    signature: '<s?s?:s>',
    reads: 'body',
    words: { 0: ALGORITHMS, 1: ENCODINGS },
    call(algorithm = 'sha256', encoding = 'hex') {
      const hash = createHash(known(algorithm, ALGORITHMS))
      return encoded(hash.update(evaluationOf(this).body ?? '').digest(), encoding)
    },
  },
} satisfies Readonly<Record<string, ExpressionFunction>>

function digest(algorithm: string): ExpressionFunction {
  return {
    signature: '<s-s?:s>',
    words: { 1: ENCODINGS },
    call(value?: string, encoding = 'hex') {
      if (value === undefined) return undefined
      return encoded(createHash(algorithm).update(value, 'utf8').digest(), encoding)
    },
  }
}

function text(encoding: string): ExpressionFunction {
  return {
    signature: '<s-:s>',
    call(value?: string) {
      return value === undefined ? undefined : encoded(Buffer.from(value, 'utf8'), encoding)
    },
  }
}
