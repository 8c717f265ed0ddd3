import { compileValue } from '../claims/index.ts'
import { type CredentialKind, credentialKinds } from '../credentials/index.ts'
import { placementSchema } from '../inject/index.ts'
import { isMap } from '../is-map.ts'
import type { Scope } from '../kind.ts'
import { compileCondition } from './condition.ts'
import { compileExposure, exposureSchema } from './exposure.ts'
import { WHEN } from './policy.ts'
import { compilePlacements, placementScope } from './policy-injections.ts'
import { CREDENTIAL_KEYS, cacheSchema } from './policy-schema.ts'
import { createSource, type PolicyOptions, sourceOptions } from './policy-source.ts'

/**
 * Reports what can be found wrong in a document beside what its schema said: it looks into every part that
 * fits for itself, and for expressions and keys in the others.
 */
export async function inspectPolicy(
  document: unknown,
  scope: Scope,
  options: PolicyOptions,
): Promise<void> {
  if (!isMap(document)) return
  const { when, inject } = document
  if (typeof when === 'string') {
    // what is no expression was refused as such
    if (when.startsWith('#[')) compileCondition(when, scope.at('when'), WHEN)
    else compileValue(when, scope.at('when'))
  }
  inspectInjections(inject, scope)
  const exposure = exposureSchema.safeParse(document.exposeToClient).data
  if (exposure) compileExposure(exposure, scope)
  const cache = cacheSchema.safeParse(document.cache).data
  const around = sourceOptions({ name: '', cache }, scope, options)
  for (const key of CREDENTIAL_KEYS) {
    const part = document[key]
    if (!isMap(part)) continue
    // each kind is given what its own schema typed
    const kind = credentialKinds[key] as CredentialKind<unknown>
    const config = kind.schema.safeParse(part)
    if (config.success) await createSource(kind, config.data, scope.at(key), around)
    else await kind.inspect(part, scope.at(key), around)
  }
}

function inspectInjections(inject: unknown, scope: Scope): void {
  const scopeOf = (index: number) => placementScope(inject, index, scope)
  const entries: readonly unknown[] = [inject].flat()
  const fitting = entries.map((entry) => placementSchema.safeParse(entry).data)
  compilePlacements(fitting, scopeOf)
  for (const [index, entry] of entries.entries()) {
    if (fitting[index] || !isMap(entry) || typeof entry.value !== 'string') continue
    compileValue(entry.value, scopeOf(index).at('value'))
  }
}
