import type { Focus } from '../callable.ts'
import { evaluationOf } from '../evaluation.ts'
import type { ExpressionFunction } from '../expression-function.ts'

/** The time of the evaluation, by the clock of the environment. */
export const TIME = {
  now: {
    signature: '<s?s?:s>',
    volatile: true,
    call(picture?: string, timezone?: string) {
      const fromMillis = this.environment.lookup('fromMillis') as { implementation: Format }
      return fromMillis.implementation.call(this, evaluationOf(this).now(), picture, timezone)
    },
  },
  millis: {
    signature: '<:n>',
    volatile: true,
    call() {
      return evaluationOf(this).now()
    },
  },
  nowSeconds: {
    signature: '<:n>',
    volatile: true,
    call() {
      return Math.floor(evaluationOf(this).now() / 1000)
    },
  },
} satisfies Readonly<Record<string, ExpressionFunction>>

type Format = (this: Focus, millis: number, picture?: string, timezone?: string) => string
