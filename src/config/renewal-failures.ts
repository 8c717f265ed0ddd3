import type { Observer } from '../observe.ts'
import type { PolicyOptions } from './policy-source.ts'

/** Tells the observer of every renewal that fails, and how many of that policy did. */
export function countRenewalFailures(observe: Observer): PolicyOptions['onRenewalFailure'] {
  const counts = new Map<string, number>()
  return (policy, error, servedUntil) => {
    const failures = (counts.get(policy) ?? 0) + 1
    counts.set(policy, failures)
    observe({ type: 'renewal', policy, error, servedUntil, failures })
  }
}
