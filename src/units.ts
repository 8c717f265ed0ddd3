import { z } from 'zod'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Timers of Node overflow at 2^31 milliseconds, and end at once then. */
const LONGEST_HOURS = 24 * 24

/** A time with its unit, as a number of milliseconds, at most 24 days: `500ms`, `5s`, `2m`, `24h`. */
export const durationSchema = duration(
  /^[1-9]\d{0,8}(?:ms|s|m|h)$/,
  'expected a time above 0 with a unit of ms, s, m or h, such as 5s',
)

/** As `durationSchema`, or no time at all: `0s`. */
export const durationFromZeroSchema = duration(
  /^(?:0|[1-9]\d{0,8})(?:ms|s|m|h)$/,
  'expected a time with a unit of ms, s, m or h, such as 0s or 30s',
)

const SIZES = { Ki: 1024, Mi: 1024 * 1024 } as const

const SIZE = 'expected a size above 0 with a unit of Ki or Mi, such as 16Ki'

/** A size with its unit, as a number of bytes: `64Ki`, `1Mi`. */
export const sizeSchema = z
  .string(SIZE)
  .regex(/^[1-9]\d{0,5}(?:Ki|Mi)$/, SIZE)
  .transform((text) => {
    const [, amount, unit] = /^(\d+)(Ki|Mi)$/.exec(text) ?? []
    return Number(amount) * SIZES[unit as keyof typeof SIZES]
  })

function duration(form: RegExp, expected: string) {
  return z
    .string(expected)
    .regex(form, expected)
    .transform(milliseconds)
    .refine((time) => time <= LONGEST_HOURS * UNITS.h, `expected at most ${LONGEST_HOURS}h`)
}

function milliseconds(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? []
  return Number(amount) * UNITS[unit as keyof typeof UNITS]
}
