import type { CredentialSource, Placement } from '../types.ts'
import type { Condition } from './condition.ts'
import type { InjectedValue } from './injected-value.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** A placement and what happens to a value that the client sent there. */
export interface Injection {
  readonly placement: Placement
  readonly overwrite: 'always' | 'ifAbsent' | 'fail'
  /** False when `overwrite` is left out. */
  readonly isDecided: boolean
  /** What goes there in place of the credential. */
  readonly value?: InjectedValue
}

/** The compiled parts of one policy. */
export interface Parts {
  readonly config: Pick<PolicyConfig, 'name' | 'saveAs' | 'onFailure'>
  /** Absent when every injection has a value of its own. */
  readonly source: CredentialSource | undefined
  readonly injections: readonly Injection[]
  readonly when: Condition | undefined
  /** Lower-case name of the field that gives the credential to the caller. */
  readonly exposeIn: string | undefined
}
