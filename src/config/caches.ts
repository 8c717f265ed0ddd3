import { z } from 'zod'
import { type CacheSettings, cacheShape } from '../cache/index.ts'
import { isMap } from '../is-map.ts'
import type { Scope } from '../kind.ts'
import { nameHint } from '../nearest.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** One cache of a gateway file. */
export const namedCacheSchema = z.strictObject(cacheShape)

/** Settings by name. */
export type NamedCaches = ReadonlyMap<string, CacheSettings>

/** What stands under `caches` of a gateway file; one that does not fit is there by its name. */
export function namedCaches(written: unknown): NamedCaches {
  return new Map(
    Object.entries(isMap(written) ? written : {}).map(([name, part]) => {
      return [name, namedCacheSchema.safeParse(part).data ?? {}]
    }),
  )
}

/**
 * What a policy's cache is: its own settings over those of the cache that it names; undefined when it writes
 * none. Reports a name that no cache has. `scope` is that of the policy.
 */
export type ChooseCache = (
  written: PolicyConfig['cache'],
  scope: Scope,
) => CacheSettings | undefined

/** Gives out the caches of one reading; with `named` left out, any name may be meant. */
export function createCacheChoice(named: NamedCaches | undefined): ChooseCache {
  return (written, scope) => {
    if (!written) return undefined
    const { name, ...own } = written
    if (name === undefined) return own
    const shared = named?.get(name)
    if (named && !shared) reportUnknown(name, [...named.keys()], scope)
    return { ...shared, ...own }
  }
}

/** Reports the name of a cache that another policy uses; `scope` is that of the policy. */
export function createCacheUseCheck(): (name: string | undefined, scope: Scope) => void {
  const users = new Map<string, Scope>()
  return (name, scope) => {
    if (name === undefined) return
    const user = users.get(name)
    if (user) reportShared(name, user.locate(['cache', 'name']), scope)
    else users.set(name, scope)
  }
}

function reportUnknown(name: string, names: readonly string[], scope: Scope): void {
  scope.report(['cache', 'name'], {
    severity: 'error',
    rule: 'cache/unknown',
    message: `expected the name of a cache, "${name}" is none`,
    hint: nameHint(name, names, 'caches', 'write it under caches: of the gateway file'),
  })
}

function reportShared(name: string, user: string, scope: Scope): void {
  scope.report(['cache', 'name'], {
    severity: 'error',
    rule: 'cache/shared',
    message: `expected a cache of its own, "${name}" is used at ${user}`,
    hint: 'give each policy a cache with a name of its own, or leave name out',
  })
}
