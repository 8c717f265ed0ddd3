import type { Fault, Scope } from '../kind.ts'
import type { FoundKey } from './key-material.ts'

/**
 * Receives one fault of a key; its place is known to the receiver. `member` is there when the fault is about a
 * member of the key source beside the key, not about the key.
 */
export type Report = (fault: Fault, member?: 'passphrase' | 'kid' | 'field') => void

/** Reports one error, and gives undefined for whoever has nothing else to give then. */
export type Refuse = (rule: string, message: string, hint: string) => undefined

/** Reports errors to `report`, about `member` if there is one. */
export function refusing(report: Report, member?: Parameters<Report>[1]): Refuse {
  return (rule, message, hint) => {
    report({ severity: 'error', rule, message, hint }, member)
  }
}

/** Receives the faults of a key, and tells them at their place below its source, whose scope this is. */
export function reportOn({ origin, path }: FoundKey, scope: Scope): Report {
  return (fault, member) =>
    scope.report(member === undefined ? path : [member], {
      ...fault,
      message: `${fault.message} (key from ${origin})`,
    })
}
