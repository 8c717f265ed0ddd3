import type { RequestContext } from '../../types.ts'
import { canonicalJson, canonicalQuery } from '../canonical.ts'
import { type Evaluation, evaluationOf } from '../evaluation.ts'
import type { ExpressionFunction } from '../expression-function.ts'
import { unfit } from '../failure.ts'

/** Texts that are the same whenever they mean the same. */
export const CANONICAL = {
  canonicalQuery: {
    // Without a signature, which would fill in what was left out: none given is not the same as missing.
    reads: 'attributes',
    call(...given: unknown[]) {
      const query = given.length > 0 ? given[0] : requestQuery(evaluationOf(this))
      if (query === undefined) return undefined
      if (typeof query === 'string') return canonicalQuery(query)
      if (typeof query === 'object' && query !== null && !Array.isArray(query)) {
        return canonicalQuery(query as Record<string, unknown>)
      }
      throw unfit('a query string or an object of parameters')
    },
  },
  canonicalJson: {
    signature: '<x:s>',
    call(value?: unknown) {
      evaluationOf(this).meter.walk(value)
      return value === undefined ? undefined : canonicalJson(value)
    },
  },
} satisfies Readonly<Record<string, ExpressionFunction>>

function requestQuery(evaluation: Evaluation): unknown {
  return (evaluation.input as Partial<RequestContext> | undefined)?.attributes?.queryString
}
