import { apiKey } from './api-key.ts'
import { basicAuth } from './basic-auth.ts'
import { jwtGeneration } from './jwt-generation.ts'
import type { FlexPolicyKind } from './policy-kind.ts'

/** EXTENSION POINT: the policies that have an equal here, by `policyRef.name`. */
const KINDS = {
  'jwt-generation-flex': jwtGeneration,
  'credential-injection-basic-auth-flex': basicAuth,
  'credential-injection-api-key-flex': apiKey,
}

/** Their names. */
export const POLICY_NAMES = Object.keys(KINDS)

/** The policy of this name; undefined when it has no equal here. */
export function policyKind(name: string): FlexPolicyKind<unknown> | undefined {
  // each kind is given what its own schema typed
  return Object.hasOwn(KINDS, name)
    ? (KINDS[name as keyof typeof KINDS] as FlexPolicyKind<unknown>)
    : undefined
}
