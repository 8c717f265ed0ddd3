import { exceeded, type Meter } from './meter.ts'

/**
 * Refuses, before it runs, a call of a built-in whose work or result would be out of proportion to its
 * arguments; answers the arguments to call it with.
 */
export type Guard = (values: unknown[], meter: Meter) => unknown[]

/** Guards by function name. What is not here costs about as much as walking its arguments once. */
export const GUARDS: Readonly<Record<string, Guard>> = {
  pad(values, meter) {
    const [text, width, char] = values
    const padding = Math.abs(Number(width)) * (lengthOf(char) || 1)
    meter.text(lengthOf(text) + padding)
    return values
  },
  join(values, meter) {
    const [items, separator] = values
    if (!Array.isArray(items)) return values
    let length = lengthOf(separator) * (items.length - 1)
    for (const item of items) length += lengthOf(item)
    meter.text(length)
    return values
  },
  replace: boundedReplacement,
  string: walked,
  clone: walked,
  // Every item is compared with every distinct one before it.
  distinct: quadratic(100),
  // What is left of both halves is copied for every item that is placed.
  sort: quadratic(2000),
  // The result so far is copied for every item.
  spread: quadratic(400),
  formatNumber: shortTexts,
  formatInteger: shortTexts,
  parseInteger: shortTexts,
  toMillis: shortTexts,
  fromMillis: shortTexts,
}

const PICTURE = 256

interface Found {
  readonly match: string
  next(): Promise<Found | undefined> | Found | undefined
}

// For every match, JSONata reads all of the replacement, which need not leave anything in the result.
function boundedReplacement(values: unknown[], meter: Meter): unknown[] {
  const [text, pattern, replacement, limit] = values
  if (typeof pattern !== 'function' || typeof replacement !== 'string') return values
  let read = 0
  const counted = (found: Found | undefined): Found | undefined => {
    if (found === undefined) return undefined
    read += replacement.length
    meter.text(read)
    return { ...found, next: async () => counted(await found.next()) }
  }
  return [text, async (subject: string) => counted(await pattern(subject)), replacement, limit]
}

function walked(values: unknown[], meter: Meter): unknown[] {
  meter.walk(values[0])
  return values
}

function quadratic(pairsAStep: number): Guard {
  return (values, meter) => {
    const [items] = values
    if (Array.isArray(items)) meter.charge(items.length + items.length ** 2 / pairsAStep)
    return values
  }
}

// Pictures are parsed again at every call, with native regular expressions.
function shortTexts(values: unknown[]): unknown[] {
  if (values.every((value) => lengthOf(value) <= PICTURE)) return values
  throw exceeded(`${PICTURE} characters in a picture`)
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0
}
