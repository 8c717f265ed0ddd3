import { type Evaluation, evaluationOf } from '../evaluation.ts'
import type { ExpressionFunction } from '../expression-function.ts'
import { unfit } from '../failure.ts'
import { ENCODINGS, encoded } from './encoding.ts'

/** Ids and random values, from the environment. */
export const RANDOM = {
  uuid: {
    signature: '<:s>',
    volatile: true,
    call() {
      return evaluationOf(this).environment.uuid()
    },
  },
  nonce: {
    signature: '<n?s?:s>',
    volatile: true,
    words: { 1: ENCODINGS },
    call(length = 16, encoding = 'base64url') {
      if (!Number.isInteger(length) || length < 1 || length > 256)
        throw unfit('1 to 256 bytes of nonce')
      return encoded(evaluationOf(this).environment.random(length), encoding)
    },
  },
  random: {
    signature: '<:n>',
    volatile: true,
    call() {
      return fraction(evaluationOf(this))
    },
  },
  shuffle: {
    signature: '<a:a>',
    volatile: true,
    call(items?: readonly unknown[]) {
      if (items === undefined || items.length <= 1) return items
      const evaluation = evaluationOf(this)
      evaluation.meter.charge(items.length)
      const shuffled = Array.from(items)
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = Math.floor(fraction(evaluation) * (last + 1))
        ;[shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]]
      }
      return shuffled
    },
  },
} satisfies Readonly<Record<string, ExpressionFunction>>

// 48 bits: the most that one read of a Buffer takes, and exact as a double.
function fraction(evaluation: Evaluation): number {
  return Buffer.from(evaluation.environment.random(6)).readUIntBE(0, 6) / 2 ** 48
}
