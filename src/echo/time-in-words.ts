import type { JsonObject } from '../types.ts'

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** The time claims of a token as times and in words, seen at `now` (milliseconds). */
export function timesInWords(claims: JsonObject, now: number): Record<string, string> {
  return Object.fromEntries(
    ['iat', 'nbf', 'exp'].flatMap((name) => {
      const value = claims[name]
      const time = typeof value === 'number' ? new Date(value * 1000) : undefined
      if (!time || Number.isNaN(time.getTime())) return []
      return [[name, `${time.toISOString().replace('.000Z', 'Z')}, ${inWords(time, now)}`]]
    }),
  )
}

function inWords(time: Date, now: number): string {
  const seconds = Math.round((time.getTime() - now) / 1000)
  // half a unit over, so that a lifetime of 300 seconds is still 5 minutes when it arrives
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= 1.5 * length) ?? UNITS[3]
  return words.format(Math.round(seconds / size), unit)
}
