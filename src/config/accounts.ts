import { z } from 'zod'
import type { Account } from '../credentials/index.ts'
import { isMap } from '../is-map.ts'
import { keyShape, loadKeyRing } from '../keys/index.ts'
import type { Scope } from '../kind.ts'

/** One account of a gateway file: what several policies sign with. */
export const accountSchema = z.strictObject({
  issuer: z
    .string()
    .min(1)
    .regex(/^(?![\s\S]*#\[)/, 'expected literal text: no request decides who issues')
    .optional()
    .describe('Issuer of the tokens (iss) as literal text, unless a policy writes it.'),
  ttl: z
    .int()
    .positive()
    .optional()
    .describe('Lifetime of the tokens in seconds, unless a policy writes exp.'),
  ...keyShape,
})

/**
 * Loads what stands under `accounts` of a gateway file, also when nobody uses it; what is wrong with a key is
 * reported at its place. An account that cannot be used is there without keys, for it is known by its name.
 * `scope` is that of the file; `keep` may know better than to load one again.
 */
export async function loadAccounts(
  written: unknown,
  scope: Scope,
  keep: KeepAccount = (_name, load) => load(scope),
): Promise<ReadonlyMap<string, Account>> {
  const accounts = new Map<string, Account>()
  for (const [name, part] of membersOf(written)) {
    const load = (file: Scope) => loadAccount(part, file.at('accounts', name))
    accounts.set(name, await keep(name, load))
  }
  return accounts
}

/** The account of that name as an earlier reading loaded it while nothing of it has changed, else what `load` gives. */
export type KeepAccount = (
  name: string,
  load: (file: Scope) => Promise<Account>,
) => Promise<Account>

async function loadAccount(part: unknown, scope: Scope): Promise<Account> {
  const { success, data } = accountSchema.safeParse(part)
  // what does not fit was reported by the schema of the file
  if (!success) return { keys: undefined }
  const { issuer, ttl, ...keys } = data
  return {
    keys: await loadKeyRing(keys, scope),
    ...(issuer !== undefined && { issuer }),
    ...(ttl !== undefined && { ttl }),
  }
}

function membersOf(written: unknown): (readonly [name: string, part: unknown])[] {
  return isMap(written) ? Object.entries(written) : []
}
