import type { Account } from '../credentials/index.ts'
import type { KeySets } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import { type KeepAccount, loadAccounts } from './accounts.ts'
import { loadAuthenticators, type NamedAuthenticators } from './authenticators.ts'
import { type NamedCaches, namedCaches } from './caches.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { GatewaySource } from './gateway-source.ts'

/** What routes and policies refer to by name. */
export interface NamedParts {
  /** Undefined where any name may be meant. */
  readonly accounts: ReadonlyMap<string, Account> | undefined
  /** Undefined where any name may be meant. */
  readonly caches: NamedCaches | undefined
  readonly authenticators: NamedAuthenticators
}

/** Loads the parts of a gateway file that have names; `scope` is that of the file, when there is one. */
export async function loadNamedParts(
  { file, isUnknown }: Pick<GatewaySource, 'file' | 'isUnknown'>,
  scope: Scope | undefined,
  surroundings: {
    readonly keySets: KeySets
    readonly diagnostics: Diagnostic[]
    readonly keepAccount?: KeepAccount
  },
): Promise<NamedParts> {
  if (isUnknown) return { accounts: undefined, caches: undefined, authenticators: new Map() }
  const caches = namedCaches(file?.caches)
  if (!file || !scope) return { accounts: new Map(), caches, authenticators: new Map() }
  return {
    accounts: await loadAccounts(file.accounts, scope, surroundings.keepAccount),
    caches,
    authenticators: await loadAuthenticators(file.authenticators, scope, {
      ...surroundings,
      config: file.config,
    }),
  }
}
