import type { Multimap } from '../types.ts'

/** A `Multimap` while it is filled. */
export type OpenMultimap = Record<string, string | string[]>

/** An empty multimap without a prototype. */
export function createMultimap(): OpenMultimap {
  return Object.create(null)
}

/** What there is of nothing; the same for all. */
export const NO_LINES: Multimap = Object.freeze(createMultimap())

/** Adds one line: the first under a name is a string, with the second they become an array. */
export function addLine(map: OpenMultimap, name: string, value: string): void {
  const present = map[name]
  if (present === undefined) map[name] = value
  else if (typeof present === 'string') map[name] = [present, value]
  else present.push(value)
}

/** The lines under a name, in the order received; empty when there are none. */
export function linesOf(map: Multimap, name: string): readonly string[] {
  const lines = map[name]
  if (lines === undefined) return []
  return typeof lines === 'string' ? [lines] : lines
}
