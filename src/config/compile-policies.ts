import type { Scope } from '../kind.ts'
import { createCacheChoice, type NamedCaches } from './caches.ts'
import { inertScope } from './inert-scope.ts'
import { inspectPolicy } from './inspect-policy.ts'
import type { PlacedPolicy } from './place-conflicts.ts'
import { compilePolicy } from './policy.ts'
import type { PolicyConfig } from './policy-schema.ts'
import type { PolicyOptions } from './policy-source.ts'
import type { SourceDocument } from './yaml/index.ts'

/** A document of a policy file. */
export interface ReadPolicy {
  readonly document: SourceDocument
  readonly scope: Scope
  /** Absent when it does not fit the schema. */
  readonly config: PolicyConfig | undefined
}

/** What policies are compiled with. */
export interface CompileSurroundings {
  /** Left out, any account may be meant. */
  readonly accounts?: PolicyOptions['accounts'] | undefined
  /** What `cache.name` may name; left out, any cache. */
  readonly caches?: NamedCaches | undefined
  /** Default: nobody is told. */
  readonly onRenewalFailure?: PolicyOptions['onRenewalFailure'] | undefined
}

/** Compiles the enabled policies, in the order of the files. Faults of disabled ones are warnings. */
export async function compilePolicies(
  read: readonly ReadPolicy[],
  { accounts, caches, onRenewalFailure = () => undefined }: CompileSurroundings,
): Promise<PlacedPolicy[]> {
  const options = { accounts, chooseCache: createCacheChoice(caches), onRenewalFailure }
  const placed: PlacedPolicy[] = []
  for (const { document, scope, config } of read) {
    if (!config) {
      await inspectPolicy(document.value, scope, options)
    } else if (config.enabled === false) {
      // it uses no cache, so others may
      const apart = { ...options, chooseCache: createCacheChoice(caches) }
      await compilePolicy(config, inertScope(scope), apart)
    } else {
      const policy = await compilePolicy(config, scope, options)
      if (policy) placed.push({ policy, config, scope })
    }
  }
  return placed
}
