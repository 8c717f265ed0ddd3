import type { Scope } from '../kind.ts'

/** The same scope, and whether an error, or anything at all, has been reported to it or below it. */
export function rememberErrors(outer: Scope): {
  readonly scope: Scope
  hasFailed(): boolean
  hasSpoken(): boolean
} {
  let failed = false
  let spoken = false
  const wrap = (scope: Scope): Scope => ({
    ...scope,
    report(path, fault) {
      spoken = true
      failed ||= fault.severity === 'error'
      scope.report(path, fault)
    },
    at: (...path) => wrap(scope.at(...path)),
  })
  return { scope: wrap(outer), hasFailed: () => failed, hasSpoken: () => spoken }
}
