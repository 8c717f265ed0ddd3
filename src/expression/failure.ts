import { CountersignError } from '../errors.ts'

/**
 * What a rejected evaluation becomes: the code and place of what JSONata threw, and nothing of its message,
 * into which it puts values. `offset` is where the expression begins in the template.
 */
export function toFailure(error: unknown, offset: number): CountersignError {
  const { code, position } = error as { code?: unknown; position?: unknown }
  const place = {
    position: offset + (typeof position === 'number' ? Math.max(0, position - 1) : 0),
  }
  if (error instanceof CountersignError)
    return new CountersignError(error.code, error.message, place)
  const known = typeof code === 'string' && /^[SDTU]\d{4}$/.test(code) ? code : undefined
  // A RangeError is the engine's own limit: of the call stack, or of the length of a string or array.
  if (error instanceof RangeError || LIMIT_CODES.includes(known ?? '')) {
    const limit = known ?? 'RangeError'
    return new CountersignError(
      'expr/limit',
      `expected an expression within its limits (${limit})`,
      place,
    )
  }
  return new CountersignError(
    'expr/failed',
    `expected the expression to succeed (${known ?? 'fault'})`,
    place,
  )
}

/** The failure of a function that was given something else than it needs. */
export function unfit(expected: string): CountersignError {
  return new CountersignError('expr/failed', `expected ${expected}`)
}

// Depth, time, range and sequence length.
const LIMIT_CODES = ['D1011', 'D1012', 'D2014', 'D2015']
