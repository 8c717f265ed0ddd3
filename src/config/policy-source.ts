import {
  type Account,
  type CredentialKind,
  credentialKinds,
  type ShareToken,
  type SourceOptions,
} from '../credentials/index.ts'
import { type CountersignError, withPlace } from '../errors.ts'
import type { Fault, Scope } from '../kind.ts'
import type { CredentialSource } from '../types.ts'
import type { ChooseCache } from './caches.ts'
import { CREDENTIAL_KEYS, type PolicyConfig } from './policy-schema.ts'

/** What surrounds a policy in its reading of the files. */
export interface PolicyOptions {
  /** The accounts of the gateway file, by name; absent: any name may be meant. */
  readonly accounts: ReadonlyMap<string, Account> | undefined
  readonly chooseCache: ChooseCache
  /** Told when a cached token of a policy could not be renewed, and until when (ms) the old one is served. */
  onRenewalFailure(policy: string, error: CountersignError, servedUntil: number): void
  /** How a policy shares tokens with other processes. Default: it is the only one. */
  readonly share?: ((policy: string) => ShareToken) | undefined
}

/** True when a policy makes a credential of its own. */
export function hasSource(config: PolicyConfig): boolean {
  return CREDENTIAL_KEYS.some((key) => config[key] !== undefined)
}

/** The credential source of a policy; undefined when it has none, or after an error was reported. */
export async function compileSource(
  config: PolicyConfig,
  scope: Scope,
  options: PolicyOptions,
): Promise<CredentialSource | undefined> {
  const around = sourceOptions(config, scope, options)
  for (const key of CREDENTIAL_KEYS) {
    const part = config[key]
    // each kind was given its own part by the schema
    const kind = credentialKinds[key] as CredentialKind<typeof part>
    if (part !== undefined) return createSource(kind, part, scope.at(key), around)
  }
  return undefined
}

/** The credential source of one kind, at `scope`; undefined after an error was reported, such as a `cache` beside it. */
export async function createSource<Config>(
  kind: CredentialKind<Config>,
  part: Config,
  scope: Scope,
  options: SourceOptions,
): Promise<CredentialSource | undefined> {
  const isRefused = options.cache !== undefined && !kind.isCacheable
  if (isRefused) scope.report([], NO_TOKEN)
  const source = await kind.create(part, scope, options)
  return isRefused ? undefined : source
}

const NO_TOKEN: Fault = {
  severity: 'error',
  rule: 'cache/no-token',
  message: 'expected no cache beside this credential: nothing is minted that could be kept',
  hint: 'leave cache out',
}

/** What the credential source of a policy is given; a fault of its `cache` is reported. */
export function sourceOptions(
  { name: policy, cache: written }: Pick<PolicyConfig, 'name' | 'cache'>,
  scope: Scope,
  { accounts, chooseCache, onRenewalFailure, share }: PolicyOptions,
): SourceOptions {
  const cache = chooseCache(written, scope)
  return {
    accounts,
    ...(cache && { cache }),
    onRenewalFailure: (error, servedUntil) =>
      onRenewalFailure(policy, withPlace(error, { policy }), servedUntil),
    share: share?.(policy),
  }
}
