import type { Criteria } from './criteria.ts'
import type { CountersignError } from './errors.ts'
import type { Secret } from './secret.ts'
import type { JsonObject, RequestContext, RequestHead, RequestPatch, SavedToken } from './types.ts'

/** A compiled policy file: nothing about it can fail any more except the request itself. */
export interface Policy {
  readonly name: string
  readonly order: number
  /** The routes it is bound to; absent when it applies on every route. */
  readonly routes?: readonly string[]
  /** Which requests it applies to. */
  readonly criteria: Criteria
  /** True when it reads or writes the body, so that the host must buffer it. */
  readonly needsBody: boolean
  /** True when it reads `payload`, so that the body must parse. */
  readonly readsPayload: boolean
  /** Folded names of the header fields it reads or sets, or `*` for all; a client must not nominate them as hop-by-hop. */
  readonly headerNames: ReadonlySet<string>
  readonly publicKeys: readonly JsonObject[]
  /**
   * Decides about one request, at once when nothing has to be waited for. Throws what its credential source and
   * placements throw, unless `onFailure` is `passThrough`.
   */
  evaluate(context: RequestContext, before?: BeforePolicy): PolicyResult | Promise<PolicyResult>
  /** Ends what goes on in the background once another generation serves. */
  close(): void
}

/** What a policy finds where it would put something. */
export interface BeforePolicy {
  /** Places at which earlier policies put something. */
  readonly taken: ReadonlySet<string>
  /** The head without the inbound credentials that are taken off the request. */
  readonly head: RequestHead
}

/** What one policy decided about one request. */
export interface PolicyResult {
  readonly policy: string
  /** False when `when` was false or the policy failed and lets pass: its patches then only clear. */
  readonly applied: boolean
  /** What it changes, in this order. */
  readonly patches: readonly Partial<RequestPatch>[]
  /** Where it put something. */
  readonly places: readonly string[]
  /** What later policies see as `tokens.<name>`. */
  readonly saved?:
    | {
        readonly name: string
        readonly value: Secret
        readonly token: Omit<SavedToken, 'value'>
      }
    | undefined
  /** What was issued for the request, wherever it went: the answer must not tell it. */
  readonly credential?: Secret | undefined
  /** What the caller gets besides the upstream's answer: the credential in a response header field. */
  readonly exposed?: Exposure | undefined
  /** NumericDate after which what it put on the request is good no more; absent: never. */
  readonly expiresAt?: number | undefined
  /** True when the request must be sent once at most: what was issued for it is for a single use. */
  readonly isSingleUse?: boolean | undefined
  readonly trace?: Readonly<Record<string, string>> | undefined
  /** Why a policy with `onFailure: passThrough` put nothing on the request. */
  readonly failure?: CountersignError
}

/** A credential that the caller gets, too. */
export interface Exposure {
  /** Lower-case name of the field of the answer that holds it. */
  readonly header: string
  readonly value: Secret
}
