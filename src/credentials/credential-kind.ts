import type { Kind, Scope } from '../kind.ts'
import type { CredentialSource } from '../types.ts'

/** A kind of credential source; its config stands in a policy file under the kind's key. */
export interface CredentialKind<Config> extends Kind<Config, CredentialSource> {
  /**
   * Reports what can still be found wrong in a part that does not fit the schema, such as expressions and
   * keys, so that one run finds all faults. Does not repeat what the schema says.
   */
  inspect(part: Readonly<Record<string, unknown>>, scope: Scope): Promise<void>
}
