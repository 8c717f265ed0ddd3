import { CountersignError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import { foldMember } from '../spelling.ts'

/** A place in a JSON document on the way to an edit, with the places below it by folded member name. */
export interface JsonPlace {
  /** Decoded name of the member to set or to go through; others that fold to the same are its aliases. */
  name: string
  readonly below: Map<string, JsonPlace>
  /** True when what stands here goes. */
  remove: boolean
  /** The string to put here. */
  value?: Secret
  /** True when the document must be able to hold a member here or below. */
  needed: boolean
  /** Times the document has the place. */
  found: number
}

/** What to change in a JSON document. A place that is set is removed first, so that one value is left. */
export interface JsonEdits {
  readonly remove: readonly (readonly string[])[]
  readonly set: readonly { readonly segments: readonly string[]; readonly value: Secret }[]
}

/** The tree of places that the edits concern; its root is the document. */
export function jsonPlaces(edits: JsonEdits): JsonPlace {
  const root = createPlace('')
  for (const segments of edits.remove) descend(root, segments, false).remove = true
  for (const { segments, value } of edits.set) {
    const place = descend(root, segments, true)
    place.remove = true
    place.value = value
  }
  return root
}

/** Refuses one name in two spellings, of which each receiver takes another, with `body/shape`. */
export function spelledTwice(): CountersignError {
  return new CountersignError('body/shape', 'expected one spelling of each name on the way')
}

/** True when a segment can name an element of an array (RFC 6901 section 4). */
export function isIndex(segment: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(segment)
}

function descend(root: JsonPlace, segments: readonly string[], needed: boolean): JsonPlace {
  let place = root
  place.needed ||= needed
  for (const segment of segments) {
    const folded = foldMember(segment)
    const next = place.below.get(folded) ?? createPlace(segment)
    place.below.set(folded, next)
    if (needed && next.needed && next.name !== segment) throw spelledTwice()
    next.name = segment
    next.needed ||= needed
    place = next
  }
  return place
}

function createPlace(name: string): JsonPlace {
  return { name, below: new Map(), remove: false, needed: false, found: 0 }
}
