/**
 * A node compiled for its value: undefined when it is missing. Throws, whatever it may be, for anything that only
 * JSONata can tell.
 */
export type Operand = (input: unknown) => unknown

/** A value that operators and functions compute with. */
export type Scalar = string | number | boolean | null

/** Characters (UTF-16 code units) of a text, and items of an array, that are worked on without metering. */
export const SHORT = 8192

/** True for what computes as it does in JSONata: short text, a finite number, a boolean or null. */
export function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'string') return value.length <= SHORT
  return typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'boolean' || value === null
}

/** The value when it is a scalar or missing, else throws. */
export function scalar(value: unknown): Scalar | undefined {
  if (value === undefined || isScalar(value)) return value
  throw BEYOND
}

/** What is thrown where JSONata has to be asked: one for all, as nobody looks at it. */
export const BEYOND = new Error('expected what is evaluated natively')
