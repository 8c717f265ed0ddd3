import type { CacheSettings } from '../cache/index.ts'
import type { CountersignError } from '../errors.ts'
import type { KeyRing } from '../keys/index.ts'
import type { Kind, Scope } from '../kind.ts'
import type { CredentialSource } from '../types.ts'

/** What several policies share under one name: issuer, lifetime, keys. */
export interface Account {
  readonly issuer?: string
  /** Seconds. */
  readonly ttl?: number
  /** Undefined after an error was reported at the account. */
  readonly keys: KeyRing | undefined
}

/**
 * Has a token made once for all processes that make the same: `make` is called in one of them, and the others get
 * what it gave, which is JSON. It is the one for `key` until then (NumericDate). Rejects as `make` did.
 */
export type ShareToken = <Token>(
  key: string,
  until: number,
  make: () => Promise<Token>,
) => Promise<Token>

/** What a credential source is given beside its own part of the file. */
export interface SourceOptions {
  /** The accounts of the gateway file, by name; absent: any name may be meant. */
  readonly accounts: ReadonlyMap<string, Account> | undefined
  /** `cache` of the policy, with what a named cache of the gateway file adds; absent when none is written. */
  readonly cache?: CacheSettings
  /** Told when a cached token could not be renewed, and until when (ms) the old one is served. */
  onRenewalFailure(error: CountersignError, servedUntil: number): void
  /** For tokens of which only one may be made at a time; absent where this process is the only one. */
  readonly share?: ShareToken | undefined
}

/** A kind of credential source; its config stands in a policy file under the kind's key. */
export interface CredentialKind<Config> extends Pick<Kind<Config, CredentialSource>, 'schema'> {
  /** The header field that it goes to when the policy names none, and the scheme before it there. */
  readonly place: { readonly name: string; readonly scheme: string }
  /** False for a credential that is not made but written, beside which a `cache` is an error. */
  readonly isCacheable: boolean
  /** Undefined only after an error was reported. */
  create(
    config: Config,
    scope: Scope,
    options: SourceOptions,
  ): Promise<CredentialSource | undefined>
  /**
   * Reports what can still be found wrong in a part that does not fit the schema, such as expressions and
   * keys, so that one run finds all faults. Does not repeat what the schema says.
   */
  inspect(
    part: Readonly<Record<string, unknown>>,
    scope: Scope,
    options: SourceOptions,
  ): Promise<void>
}
