import { fold } from '../header-name.ts'
import { eachField } from '../http/index.ts'
import type { Exposure } from '../policy.ts'
import type { Secret } from '../secret.ts'
import { exposeFields } from './exposed-fields.ts'
import { withoutCredentials } from './without-credentials.ts'

/** What the credentials of a request mean for its answer. */
export interface AnswerRules {
  /** What was issued for the request: no field may tell it. */
  readonly credentials: readonly Secret[]
  /** True when the query holds one of them, so that pages must not hand on their URL. */
  readonly inQuery: boolean
  /** What the caller gets all the same. */
  readonly exposed: readonly Exposure[]
}

/**
 * The fields of a final answer, names and values by turns, as the caller gets them: without the credentials of its
 * request, but those that are exposed, and with `Referrer-Policy: no-referrer` where a page was asked for with a
 * credential in the query (RFC 6750 section 2.3). An interim answer goes through `withoutCredentials` alone.
 */
export function answerFields(fields: string[], rules: AnswerRules): string[] {
  const clean = withoutCredentials(fields, rules.credentials)
  const quiet = rules.inQuery && isPage(clean) ? withoutReferrer(clean) : clean
  return exposeFields(quiet, rules.exposed)
}

function isPage(fields: readonly string[]): boolean {
  let found = false
  eachField(fields, (name, value) => {
    found ||= fold(name) === 'content_type' && /^\s*(?:text\/html|application\/xhtml)/i.test(value)
  })
  return found
}

function withoutReferrer(fields: readonly string[]): string[] {
  const out: string[] = []
  eachField(fields, (name, value) => {
    if (fold(name) !== 'referrer_policy') out.push(name, value)
  })
  out.push('referrer-policy', 'no-referrer')
  return out
}
