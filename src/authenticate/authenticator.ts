import type { ZodType } from 'zod'
import type { Peer } from '../admission.ts'
import type { KeySets } from '../keys/index.ts'
import type { Kind, Scope } from '../kind.ts'
import type { Authentication, RequestHead, RequestPatch } from '../types.ts'
import type { Reason } from './reason.ts'

/** What an authenticator looks at. */
export interface Evidence {
  readonly head: RequestHead
  readonly peer: Peer
}

/** Why a credential of the authenticator's kind was refused. */
export interface Refusal {
  readonly reason: Reason
  /** The field that the credential does not have, or has with a value of another type. */
  readonly field?: string
  /** True when the credential is meant for another authenticator of this kind, which may yet recognise it. */
  readonly foreign?: boolean
}

/** What an authenticator found: a caller, a refusal, or nothing of its kind. */
export type Finding =
  | { readonly caller: Authentication }
  | { readonly refused: Refusal }
  | undefined

/** What is known of a credential before anybody looks at it. */
export interface InboundCredential {
  /** Where it stands; two authenticators with one place find the same credential. Absent when it is nowhere. */
  readonly place?: string
  /** Folded names of the header fields that are read. */
  readonly headerNames: readonly string[]
  /** The change that takes it off the request; absent when it does not stand in the request. */
  readonly removal?: Partial<RequestPatch>
  /** True when it stands in the connection, of whose clients the listener must ask for it. */
  readonly isOfConnection?: boolean
  /**
   * True for evidence whose credential must go whatever `forwardCredential` says, and on every route: its sender
   * may not use it.
   */
  isForged?(evidence: Evidence): boolean
}

/** Says who the caller is. */
export interface Authenticator extends InboundCredential {
  /** Its challenge (RFC 9110 section 11.6.1) to a caller without a credential, or with one that was refused. */
  challenge(refused: boolean): string
  /** Never throws for what a caller sent. Throws `key/unavailable` or `overload`. */
  examine(evidence: Evidence): Finding | Promise<Finding>
  /** True when it lets in whoever sent no credential, so that no other is asked after it. */
  readonly admitsAnyone?: boolean
  /** Whose credentials it takes; those of others are foreign. Absent when none is foreign to it. */
  readonly issuers?: readonly string[]
}

/** What surrounds an authenticator in its reading of the files. */
export interface AuthenticatorOptions {
  readonly name: string
  /** JWK sets that are fetched; they outlive a reading of the files. */
  readonly keySets: KeySets
  /**
   * The one document of a YAML file beside this one, with the scope of that file; undefined after an error was
   * reported, in that file or at `scope`.
   */
  readYaml<T>(
    path: string,
    schema: ZodType<T>,
    scope: Scope,
  ): Promise<{ readonly value: T; readonly scope: Scope } | undefined>
}

/** A kind of authenticator; its config stands in the gateway file under the kind's key. */
export interface AuthenticatorKind<Config> extends Pick<Kind<Config, Authenticator>, 'schema'> {
  /** The credential that such an authenticator looks for, also when it recognises nobody. */
  credential(config: Config): InboundCredential
  /** Undefined only after an error was reported. */
  create(
    config: Config,
    scope: Scope,
    options: AuthenticatorOptions,
  ): Authenticator | undefined | Promise<Authenticator | undefined>
}
