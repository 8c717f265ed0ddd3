import { CountersignError } from '../errors.ts'
import { foldMember } from '../spelling.ts'
import { isIndex, type JsonEdits, type JsonPlace, jsonPlaces, spelledTwice } from './json-place.ts'
import { scanJson } from './json-scan.ts'

export type { JsonEdits } from './json-place.ts'

/**
 * Edits a JSON document as bytes: what is not edited stays as it was, numbers, escapes and white space
 * included. Names compare without case: all duplicates and aliases at a place go; what is set stands last in
 * its object, in missing parents too.
 *
 * Throws `body/malformed` for what is not JSON, and `body/shape` when a place to set is not in objects all
 * the way, when its way is there twice or in another spelling, and for a place to remove that an array may hold.
 */
export function editJson(body: Buffer, edits: JsonEdits): Buffer {
  if (isBlank(body)) {
    if (edits.set.length > 0) throw shape('expected a JSON object as the body')
    return body
  }
  return splice(body, findCuts(body, jsonPlaces(edits)))
}

interface Cut {
  readonly start: number
  readonly end: number
  /** What comes in place of the bytes. */
  readonly text: string
}

/** An object on the way to an edit, while it is read. */
interface OpenObject {
  readonly place: JsonPlace
  /** Where a member goes: after the last member that stays, or after the bracket. */
  insertAt: number
  hasKept: boolean
  comma: number
  member: number
  /** Place of the member being read, when an edit concerns it. */
  below?: JsonPlace | undefined
  /** Members to cut that no member that stays has come before. */
  leading?: { readonly start: number; readonly end: number } | undefined
}

function findCuts(body: Buffer, root: JsonPlace): Cut[] {
  const cuts: Cut[] = []
  const objects: OpenObject[] = []
  let skipped = 0

  function nextPlace(): JsonPlace | undefined {
    const object = objects.at(-1)
    return object === undefined ? root : object.below
  }

  function ended(end: number): void {
    const object = objects.at(-1)
    if (object === undefined) return
    if (!object.below?.remove) {
      object.insertAt = end
      object.hasKept = true
      return
    }
    object.below.found++
    if (object.hasKept) cuts.push({ start: object.comma, end, text: '' })
    else object.leading = { start: object.member, end }
  }

  scanJson(body, {
    open(start, isObject) {
      const place = nextPlace()
      if (skipped > 0 || place === undefined || place.remove) {
        skipped++
      } else if (isObject) {
        enter(place)
        objects.push({ place, insertAt: start + 1, hasKept: false, comma: 0, member: 0 })
      } else {
        refuseArray(place)
        skipped++
      }
    },
    close(end) {
      if (skipped > 0) {
        skipped--
        if (skipped > 0) return
      } else {
        const object = objects.pop() as OpenObject
        if (object.leading) cuts.push({ ...object.leading, text: '' })
        const text = missingMembers(object)
        if (text !== '') cuts.push({ start: object.insertAt, end: object.insertAt, text })
      }
      ended(end)
    },
    scalar(_start, end) {
      if (skipped > 0) return
      const place = nextPlace()
      if (place?.needed && !place.remove) throw shape('expected an object on the way to the place')
      ended(end)
    },
    name(start, end) {
      if (skipped > 0) return
      const object = objects.at(-1)
      if (object === undefined) return
      if (object.leading) cuts.push({ start: object.leading.start, end: start, text: '' })
      object.leading = undefined
      object.member = start
      object.below = placeBelow(object.place, decodeName(body, start, end))
    },
    comma(start) {
      if (skipped > 0) return
      const object = objects.at(-1)
      if (object !== undefined) object.comma = start
    },
  })
  return cuts
}

function placeBelow(parent: JsonPlace, name: string): JsonPlace | undefined {
  const place = parent.below.get(foldMember(name))
  if (place?.needed && !place.remove && place.name !== name) throw spelledTwice()
  return place
}

function enter(place: JsonPlace): void {
  place.found++
  // Receivers differ in which of two equal names they take, so neither is a place for one value.
  if (place.needed && place.found > 1) throw shape('expected each object on the way once')
}

function refuseArray(place: JsonPlace): void {
  const indexed = [...place.below.keys()].some(isIndex)
  if (place.needed || indexed) throw shape('expected no array on the way to the place')
}

function missingMembers(object: OpenObject): string {
  const text = members(object.place, (below) => below.remove || below.found === 0)
  return text !== '' && object.hasKept ? `,${text}` : text
}

function members(parent: JsonPlace, isMissing: (place: JsonPlace) => boolean): string {
  const texts: string[] = []
  for (const place of parent.below.values()) {
    if (!place.needed || !isMissing(place)) continue
    const below = members(place, () => true)
    if (place.value !== undefined && below !== '') throw shape('expected no place below another')
    const value = place.value === undefined ? `{${below}}` : JSON.stringify(place.value.reveal())
    texts.push(`${JSON.stringify(place.name)}:${value}`)
  }
  return texts.join(',')
}

function decodeName(body: Buffer, start: number, end: number): string {
  const literal = body.toString('utf8', start, end)
  return literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1)
}

function splice(body: Buffer, cuts: readonly Cut[]): Buffer {
  const pieces: Uint8Array[] = []
  let at = 0
  for (const cut of cuts.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    pieces.push(body.subarray(at, cut.start), Buffer.from(cut.text))
    at = cut.end
  }
  pieces.push(body.subarray(at))
  return cuts.length === 0 ? body : Buffer.concat(pieces)
}

function isBlank(body: Buffer): boolean {
  return body.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d)
}

function shape(message: string): CountersignError {
  return new CountersignError('body/shape', message)
}
