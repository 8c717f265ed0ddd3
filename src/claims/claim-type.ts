import { isExactDouble } from '../decimal.ts'
import type { Json } from '../types.ts'

/** The declared types of a claim, as policy files write them. */
export const CLAIM_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const

/** A declared type of a claim. */
export type ClaimType = (typeof CLAIM_TYPES)[number]

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * The value as the declared type, converted only where nothing is lost: JSON-number text ↔ number,
 * `true`/`false` text → boolean, a non-array under `array` → a one-element array. Undefined when it does
 * not fit.
 */
export function convert(value: Json, type: ClaimType): Json | undefined {
  switch (type) {
    case 'string':
      if (typeof value === 'number') return JSON.stringify(value)
      return typeof value === 'string' ? value : undefined
    case 'number':
      return toNumber(value)
    case 'integer': {
      const number = toNumber(value)
      return Number.isSafeInteger(number) ? number : undefined
    }
    case 'boolean':
      if (value === 'true') return true
      if (value === 'false') return false
      return typeof value === 'boolean' ? value : undefined
    case 'array':
      return Array.isArray(value) ? value : [value]
    case 'object':
      return value !== null && typeof value === 'object' && !Array.isArray(value)
        ? value
        : undefined
  }
}

function toNumber(value: Json): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !JSON_NUMBER.test(value)) return undefined
  // 0 is added because JSON has no other way to write -0
  return isExactDouble(value) ? Number(value) + 0 : undefined
}
