import { fold } from '../header-name.ts'
import type { Secret } from '../secret.ts'
import { foldMember } from '../spelling.ts'
import type { BodyPlace, RequestPatch } from '../types.ts'

const NO_NAMES: readonly string[] = Object.freeze([])
const NO_VALUES: RequestPatch['setHeaders'] = Object.freeze({})

/**
 * One patch that does what these do one after the other. Removals add up; of two values for the same place
 * the later stays: headers are the same when they fold to the same, members, query parameters, form fields
 * and cookies without case.
 */
export function mergePatches(patches: readonly Partial<RequestPatch>[]): RequestPatch {
  if (patches.length < 2) return whole(patches[0] ?? {})
  const setBody = new Map<string, RequestPatch['setBody'][number]>()
  for (const edit of patches.flatMap((patch) => patch.setBody ?? [])) {
    setBody.set(placeKey(edit.place), edit)
  }
  return {
    removeHeaders: merged(patches, 'removeHeaders').map((name) => name.toLowerCase()),
    setHeaders: latest(patches, 'setHeaders', fold, (name) => name.toLowerCase()),
    removeQuery: merged(patches, 'removeQuery'),
    setQuery: latest(patches, 'setQuery', (name) => name.toLowerCase()),
    removeCookies: merged(patches, 'removeCookies'),
    setCookies: latest(patches, 'setCookies', (name) => name.toLowerCase()),
    removeBody: patches.flatMap((patch) => patch.removeBody ?? []),
    setBody: [...setBody.values()],
  }
}

function whole(patch: Partial<RequestPatch>): RequestPatch {
  return {
    removeHeaders: patch.removeHeaders ?? NO_NAMES,
    setHeaders: patch.setHeaders ?? NO_VALUES,
    removeQuery: patch.removeQuery ?? NO_NAMES,
    setQuery: patch.setQuery ?? NO_VALUES,
    removeCookies: patch.removeCookies ?? NO_NAMES,
    setCookies: patch.setCookies ?? NO_VALUES,
    removeBody: patch.removeBody ?? [],
    setBody: patch.setBody ?? [],
  }
}

function merged(
  patches: readonly Partial<RequestPatch>[],
  member: 'removeHeaders' | 'removeQuery' | 'removeCookies',
): string[] {
  const names = new Set<string>()
  for (const patch of patches) {
    for (const name of patch[member] ?? []) names.add(name)
  }
  return [...names]
}

function latest(
  patches: readonly Partial<RequestPatch>[],
  member: 'setHeaders' | 'setQuery' | 'setCookies',
  sameness: (name: string) => string,
  written: (name: string) => string = (name) => name,
): Record<string, Secret> {
  const record: Record<string, Secret> = Object.create(null)
  const names = new Map<string, string>()
  for (const patch of patches) {
    const secrets = patch[member] ?? {}
    for (const name of Object.keys(secrets)) {
      const earlier = names.get(sameness(name))
      if (earlier !== undefined) delete record[earlier]
      names.set(sameness(name), written(name))
      record[written(name)] = secrets[name] as Secret
    }
  }
  return record
}

function placeKey(place: BodyPlace): string {
  return place.kind === 'pointer'
    ? JSON.stringify(place.segments.map(foldMember))
    : `=${place.name.toLowerCase()}`
}
