import type { Scope } from '../kind.ts'
import type { Diagnostic } from './diagnostic.ts'

/** The scope of what is disabled: it is only checked, and its faults must not keep the rest from serving. */
export function inertScope(scope: Scope): Scope {
  return {
    ...scope,
    inert: true,
    report: (path, fault) => scope.report(path, asWarning(fault)),
    at: (...path) => inertScope(scope.at(...path)),
  }
}

/** The same fault, when it is of something that is disabled. */
export function asWarning<T extends Pick<Diagnostic, 'severity'>>(fault: T): T {
  return fault.severity === 'error' ? { ...fault, severity: 'warning' } : fault
}
