import type { Scope } from '../kind.ts'

/** The same scope, and whether an error has been reported to it or below it. */
export function rememberErrors(outer: Scope): {
  readonly scope: Scope
  hasFailed(): boolean
} {
  let failed = false
  const wrap = (scope: Scope): Scope => ({
    ...scope,
    report(path, fault) {
      failed ||= fault.severity === 'error'
      scope.report(path, fault)
    },
    at: (...path) => wrap(scope.at(...path)),
  })
  return { scope: wrap(outer), hasFailed: () => failed }
}
