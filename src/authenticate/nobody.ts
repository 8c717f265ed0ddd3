import type { Scope } from '../kind.ts'

/** Says that a file of clients or users has none; `scope` is that of its path. */
export function warnOfNobody(scope: Scope): void {
  scope.report([], {
    severity: 'warning',
    rule: 'authenticator/nobody',
    message: 'expected a file with an entry: this one knows nobody, so every credential is refused',
  })
}
