import { z } from 'zod'
import { decidesMessage, fold, tokenSchema } from '../header-name.ts'
import type { Scope } from '../kind.ts'

/** `exposeToClient` of a policy. */
export const exposureSchema = z.strictObject({
  header: tokenSchema('a header name, such as x-token').describe(
    "Field of the upstream's answer that the caller finds the credential in.",
  ),
})

/** Folded names of fields that clients and caches act upon. */
const ACTED_UPON =
  /^(?:content_.+|access_control_.+|(?:.+_)?cache_control|set_cookie2?|location|refresh|vary|date|age|expires|etag|last_modified|www_authenticate|alt_svc)$/

/** The name of the field, in lower case; undefined after an error was reported. `scope` is that of the policy. */
export function compileExposure(
  { header }: z.infer<typeof exposureSchema>,
  scope: Scope,
): string | undefined {
  const folded = fold(header)
  if (decidesMessage(folded) || ACTED_UPON.test(folded)) {
    scope.report(['exposeToClient', 'header'], {
      severity: 'error',
      rule: 'inject/forbidden-header',
      message: `expected another field than "${header}", by which the answer is read or stored`,
      hint: 'use a field of its own, such as x-token',
    })
    return undefined
  }
  scope.report(['exposeToClient'], {
    severity: 'warning',
    rule: 'token/exposed',
    message: 'expected no credential in answers: every caller of this policy can use it elsewhere',
    hint: 'leave it out unless callers need the credential itself',
  })
  return header.toLowerCase()
}
