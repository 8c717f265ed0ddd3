import type { Account } from '../../credentials/index.ts'
import type { KeepAccount } from '../accounts.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { createScope, type Located } from '../scope.ts'
import { isSound, type Made } from './kept.ts'
import type { TracedReads } from './traced-reads.ts'

/** The accounts of one reading, of which some are those of the reading before. */
export interface KeptAccounts {
  readonly keep: KeepAccount
  /** All of them, with what they rest on. */
  readonly made: ReadonlyMap<string, Made<Account>>
}

/** What is around the accounts of a gateway file. */
interface AccountSurroundings {
  readonly document: Located
  readonly traced: TracedReads
  /** What is said about them is added to these. */
  readonly diagnostics: Diagnostic[]
  readonly serving?: boolean | undefined
}

/** Keeps those accounts of `before` whose keys are the same still. */
export function keepAccounts(
  before: ReadonlyMap<string, Made<Account>> | undefined,
  { document, traced, diagnostics, serving }: AccountSurroundings,
): KeptAccounts {
  const made = new Map<string, Made<Account>>()
  return {
    made,
    async keep(name, load) {
      const known = before?.get(name)
      const account = known && (await isKept(known)) ? known : await loadOne(load)
      made.set(name, account)
      diagnostics.push(...account.diagnostics)
      return account.result
    },
  }

  async function isKept(known: Made<Account>): Promise<boolean> {
    return isSound(known) && traced.holds(known.basis)
  }

  async function loadOne(load: Parameters<KeepAccount>[1]): Promise<Made<Account>> {
    const found: Diagnostic[] = []
    const scope = createScope(document, traced.environment, found, { serving })
    return { ...(await traced.trace(() => load(scope))), diagnostics: found }
  }
}
