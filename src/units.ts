import { z } from 'zod'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** A time with its unit, as a number of milliseconds: `500ms`, `5s`, `2m`, `24h`. */
export const durationSchema = z
  .string()
  .regex(/^[1-9]\d{0,8}(?:ms|s|m|h)$/, 'expected a number above 0 with a unit: 500ms, 5s, 2m')
  .transform(milliseconds)

/** As `durationSchema`, or no time at all: `0s`. */
export const durationFromZeroSchema = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,8})(?:ms|s|m|h)$/, 'expected a number with a unit: 0s, 30s, 10m')
  .transform(milliseconds)

const SIZES = { Ki: 1024, Mi: 1024 * 1024 } as const

/** A size with its unit, as a number of bytes: `64Ki`, `1Mi`. */
export const sizeSchema = z
  .string()
  .regex(/^[1-9]\d{0,5}(?:Ki|Mi)$/, 'expected a number above 0 with a unit: 64Ki, 1Mi')
  .transform((text) => {
    const [, amount, unit] = /^(\d+)(Ki|Mi)$/.exec(text) ?? []
    return Number(amount) * SIZES[unit as keyof typeof SIZES]
  })

function milliseconds(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? []
  return Number(amount) * UNITS[unit as keyof typeof UNITS]
}
