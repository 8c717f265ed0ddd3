import type { Scope } from '../../kind.ts'

/** Reports `key/inline`: a secret, `a key` unless said otherwise, stands in the policy file itself. */
export function warnInline(scope: Scope, what = 'a key'): void {
  scope.report([], {
    severity: 'warning',
    rule: 'key/inline',
    message: `expected ${what} from outside: in the policy file, everyone who reads the file can copy it`,
    hint: 'move it to an environment variable or a file: { env: NAME } or { file: PATH }',
  })
}
