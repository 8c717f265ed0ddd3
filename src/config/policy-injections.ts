import { credentialKinds } from '../credentials/index.ts'
import { createPlacement } from '../inject/index.ts'
import type { Fault, Scope } from '../kind.ts'
import { foldMember } from '../spelling.ts'
import type { Placement } from '../types.ts'
import { compileInjectedValue } from './injected-value.ts'
import type { Injection } from './policy-parts.ts'
import { CREDENTIAL_KEYS, type PolicyConfig } from './policy-schema.ts'

type PlacementConfig = Parameters<typeof createPlacement>[0]

/**
 * Compiles the `inject` part of a policy; undefined only after an error was reported. Two placements that
 * overlap are reported, too: which of them would win is not for their order to say.
 */
export function compileInjections(config: PolicyConfig, scope: Scope): Injection[] | undefined {
  const { inject = { location: 'header' as const } } = config
  const written = [inject].flat().map((entry) => withDefaultPlace(entry, config))
  const injections = compilePlacements(written, (index) => placementScope(inject, index, scope))
  return injections.length === written.length ? injections : undefined
}

/** The entry with the header field, or the scheme in that field, that its kind of credential goes to. */
function withDefaultPlace(entry: PlacementConfig, config: PolicyConfig): PlacementConfig {
  const kind = CREDENTIAL_KEYS.find((key) => config[key] !== undefined)
  if (entry.location !== 'header' || entry.value !== undefined || !kind) return entry
  const { name, scheme } = credentialKinds[kind].place
  const isThere = entry.name === undefined || entry.name.toLowerCase() === name
  return { name, ...(isThere && { scheme }), ...entry }
}

/** Compiles the entries that there are; what is wrong with them, alone or together, is reported at `scopeOf`. */
export function compilePlacements(
  entries: readonly (PlacementConfig | undefined)[],
  scopeOf: (index: number) => Scope,
): Injection[] {
  const placements: Placement[] = []
  return entries.flatMap((entry, index) => {
    const at = scopeOf(index)
    const placement = entry && createPlacement(entry, at)
    if (!placement) return []
    const other = placements.find((known) => overlap(known, placement))
    if (other) at.report([], twice(other, placement))
    placements.push(placement)
    const { overwrite, value: text } = entry
    const isDecided = overwrite !== undefined
    const injection = { placement, overwrite: overwrite ?? 'always', isDecided } as const
    if (text === undefined) return [injection]
    const value = compileInjectedValue(text, placement, at)
    return value ? [{ ...injection, value }] : []
  })
}

function twice({ place }: Placement, other: Placement): Fault {
  return {
    severity: 'error',
    rule: 'inject/twice',
    message:
      place === other.place
        ? `expected "${place}" once`
        : `expected places apart from each other, found "${place}" and "${other.place}"`,
    hint: 'keep one of the two',
  }
}

/** Where the entry `index` of an `inject` part stands, be it a list or one alone. */
export function placementScope(inject: unknown, index: number, scope: Scope): Scope {
  return Array.isArray(inject) ? scope.at('inject', index) : scope.at('inject')
}

/** True for the same place, and for a member of what the other one writes. */
export function overlap(one: Placement, other: Placement): boolean {
  if (one.place === other.place) return true
  const others = pointers(other)
  return pointers(one).some((outer) => others.some((inner) => isWithin(outer, inner)))
}

function pointers(placement: Placement): (readonly string[])[] {
  const { removeBody = [] } = placement.clear()
  return removeBody.flatMap((place) => (place.kind === 'pointer' ? [place.segments] : []))
}

function isWithin(one: readonly string[], other: readonly string[]): boolean {
  const shared = Math.min(one.length, other.length)
  return one
    .slice(0, shared)
    .every((segment, index) => foldMember(segment) === foldMember(other[index] ?? ''))
}
