import type { Path, Scope } from '../kind.ts'
import type { Policy } from '../policy.ts'
import { isSameKey } from '../same-key.ts'
import type { JsonObject } from '../types.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** Reports a key of a policy whose `kid` another policy's key has; `scope` is that of the policy. */
export type CheckKeyIds = (policy: Policy, config: PolicyConfig, scope: Scope) => void

/**
 * Checks that no two keys of the policies of one reading are published under one `kid`: verifiers that find both
 * refuse both. One key may stand in several policies.
 */
export function createKeyIdCheck(): CheckKeyIds {
  const known = new Map<
    string,
    { readonly jwk: JsonObject; readonly scope: Scope; readonly path: Path }
  >()
  return ({ publicKeys }, config, scope) => {
    for (const jwk of publicKeys) {
      if (typeof jwk.kid !== 'string') continue
      const path = pathOf(jwk.kid, config)
      const first = known.get(jwk.kid)
      if (!first) {
        known.set(jwk.kid, { jwk, scope, path })
      } else if (!isSameKey(first.jwk, jwk)) {
        scope.report(path, {
          severity: 'error',
          rule: 'key/kid',
          message: `expected a key id of its own, another key has it at ${first.scope.locate(first.path)}`,
          hint: 'write another kid, or none: the thumbprint tells keys apart',
        })
      }
    }
  }
}

/** Where the key id is written; the `jwt` block when it is not, as in an account. */
function pathOf(kid: string, { jwt: { kid: own, keys = [] } = {} }: PolicyConfig): Path {
  if (own !== undefined) return ['jwt', 'kid']
  const index = keys.findIndex((entry) => entry.kid === kid)
  return index < 0 ? ['jwt'] : ['jwt', 'keys', index, 'kid']
}
