import type { Scope } from '../kind.ts'
import { nameHint } from '../nearest.ts'
import type { Account, SourceOptions } from './credential-kind.ts'

/** The account of that name; undefined after it was reported, at `account` below `scope`, that there is none. */
export function findAccount(
  name: string,
  accounts: SourceOptions['accounts'],
  scope: Scope,
): Account | undefined {
  // whoever does not know the accounts cannot say anything about this one, either
  if (!accounts) return { keys: undefined }
  const account = accounts.get(name)
  if (account) return account
  const otherwise = 'write it under accounts: of the gateway file'
  scope.report(['account'], {
    severity: 'error',
    rule: 'account/unknown',
    message: `expected the name of an account, "${name}" is none`,
    hint: nameHint(name, [...accounts.keys()], 'accounts', otherwise),
  })
  return undefined
}
